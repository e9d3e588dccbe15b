using System.Collections.Concurrent;
using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>How soon a stack is looked at after a webhook.</summary>
internal static class WebhookDelay
{
    /// <summary>One alone is not looked at again within 5 s.</summary>
    public const int Stacks = 20;

    /// <returns>Milliseconds, each webhook's.</returns>
    public static async Task<IReadOnlyList<double>> MeasureAsync(Ground ground, int count, CancellationToken cancellationToken)
    {
        using var webhook = new Webhook();
        var repository = GitRepository.Create(Path.Combine(ground.Host.Folder, "git", "webhook.git"));
        repository.Commit("Nothing to deploy", ("README", "no Compose file"));
        var names = Enumerable.Range(1, Stacks).Select(number => $"bench-webhook-{number}").ToList();
        ground.Host.Configure($"interval: 1h\napi: {{ listen: \"{webhook.Listen}\" }}\nstacks:\n{string.Join('\n', names.Select(name => $"  {name}: {{ repository: {repository.Bare}, webhook: {{ secret: {webhook.Secret} }} }}"))}");

        var began = new ConcurrentDictionary<string, TaskCompletionSource<long>>();
        ground.Host.OnJournalLine = line =>
        {
            var now = Stopwatch.GetTimestamp();
            if (line.EndsWith(": Checking for updates", StringComparison.Ordinal) && began.TryRemove(line.Split(' ')[1].TrimEnd(':'), out var waiting))
            {
                waiting.TrySetResult(now);
            }
        };
        await ground.Host.StartAsync();
        await Wait.UntilAsync("all stacks were looked at", TimeSpan.FromMinutes(1), () => Task.FromResult(names.All(name => ground.Host.Journal.Any(line => line.Contains($"{name}: ", StringComparison.Ordinal) && !line.EndsWith("updates", StringComparison.Ordinal)))), cancellationToken);

        var times = new List<double>();
        for (var number = 0; times.Count < count; number++)
        {
            if (number % Stacks == 0)
            {
                await Task.Delay(Webhook.Rest, cancellationToken);
            }

            var name = names[number % Stacks];
            var look = began[name] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var sent = Stopwatch.GetTimestamp();
            await webhook.SendAsync(name, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(sent, await look.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken)).TotalMilliseconds);
        }

        return times;
    }

    public static double Percentile(IReadOnlyList<double> times, int percent) => times.Order().ElementAt((int)Math.Ceiling(times.Count * percent / 100.0) - 1);
}
