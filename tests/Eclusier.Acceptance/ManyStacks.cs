using System.Collections.Concurrent;
using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The fleet of <see cref="ManyStacksSpecs"/>: all stacks are deployed before the first test.</summary>
public sealed class ManyStacks : IAsyncLifetime
{
    public const int Stacks = 60;
    public const int Repositories = 12;
    public const int Sharing = 20;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    /// <summary>How late a look may be on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan InTime = TimeSpan.FromSeconds(60);

    private const int FewFiles = Stacks;

    private readonly LabFolder folder = new();
    private ConcurrentDictionary<string, ConcurrentQueue<long>> looks = new();

    internal Fleet Fleet { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // the locks of so many stacks need more files than this lets it open at first
        var program = folder.Write("eclusier", $"#!/bin/sh\nulimit -S -n {FewFiles}\nexec '{EclusierHost.FindProgram()}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Fleet = await Fleet.SetUpAsync(Stacks, Repositories, Sharing, program);
        Fleet.Configure($"interval: {Interval.TotalSeconds:0}s\nmax_parallel_deployments: 4");
        Fleet.Host.OnJournalLine = line =>
        {
            if (line.EndsWith(": Checking for updates", StringComparison.Ordinal))
            {
                looks.GetOrAdd(line.Split(' ')[^4].TrimEnd(':'), static _ => new()).Enqueue(Stopwatch.GetTimestamp());
            }
        };
        await Fleet.Host.StartAsync();
        await Fleet.AwaitRunningAsync(Stacks, TimeSpan.FromMinutes(3), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>When the stacks are looked at from now on, each look's timestamp.</summary>
    internal ConcurrentDictionary<string, ConcurrentQueue<long>> CountLooks() => looks = new();

    internal async Task AwaitImageAsync(IReadOnlyList<string> stacks, string image, CancellationToken cancellationToken) =>
        await Wait.ForAsync($"{stacks.Count} stacks run {image}", InTime, () => stacks.Count(stack => Fleet.Engine.ImagesOf(stack) is [var one] && one == image), count => count == stacks.Count, cancellationToken);
}
