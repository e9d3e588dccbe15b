using System.Diagnostics;
using Eclusier.Adapters.Locking;
using Eclusier.Adapters.Tests.Sqlite;
using Eclusier.Core.Deployments;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Adapters.Tests.Locking;

public sealed class StateLockSpecs : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 9, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ScratchFolder scratch = new();
    private readonly FakeTimeProvider time = new(Noon);

    private string State => scratch["state"];

    private string LockFile => scratch["state/eclusier.lock"];

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Who_comes_second_is_told_who_has_it_since_when_and_for_what()
    {
        using var held = Take("deploy shop");

        Assert.False(StateLock.TryTake(State, "monitor", time, out var taken, out var holder));

        Assert.Null(taken);
        Assert.Equal(new LockHolder(Environment.ProcessId, Noon, "deploy shop"), holder);
        Assert.Equal($"deploy shop (pid {Environment.ProcessId}, since 2026-09-01 12:00:00 UTC)", holder!.ToString());
        Assert.Equal($"{Environment.ProcessId} 2026-09-01T12:00:00Z deploy shop\n", ReadLockFile());
    }

    [Fact]
    public void Who_comes_second_is_told_what_the_holder_does_at_the_moment()
    {
        using var held = Take("monitor");
        held.Describe("deploying stack shop since 12:05 UTC");

        Assert.False(StateLock.TryTake(State, "deploy shop", time, out _, out var holder));

        Assert.Equal($"monitor (pid {Environment.ProcessId}, since 2026-09-01 12:00:00 UTC; deploying stack shop since 12:05 UTC)", holder!.ToString());
        held.Describe("");
        Assert.Equal($"{Environment.ProcessId} 2026-09-01T12:00:00Z monitor\n", ReadLockFile());
    }

    [Fact]
    public void A_lock_given_back_can_be_taken_by_the_next()
    {
        var first = Take("deploy shop with a long name");
        first.Dispose();
        first.Dispose();
        Assert.Equal("", ReadLockFile());

        using var second = Take("monitor");
        Assert.Equal($"{Environment.ProcessId} 2026-09-01T12:00:00Z monitor\n", ReadLockFile());
    }

    [Fact]
    public async Task It_is_a_real_lock_that_other_programs_see()
    {
        using (Take("monitor"))
        {
            Assert.Equal(1, await RunAsync("flock", "--nonblock", LockFile, "true"));
        }

        Assert.Equal(0, await RunAsync("flock", "--nonblock", LockFile, "true"));
    }

    [Fact]
    public async Task A_lock_held_by_another_program_is_not_taken_until_that_one_dies()
    {
        Directory.CreateDirectory(State);
        using var other = await HoldFromOutsideAsync();

        Assert.False(StateLock.TryTake(State, "monitor", time, out _, out var holder));
        Assert.Null(holder);

        other.Kill();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        Take("monitor").Dispose();
    }

    [Fact]
    public async Task The_text_of_a_dead_holder_is_not_believed()
    {
        Directory.CreateDirectory(State);
        using var dead = Start("true");
        await dead.WaitForExitAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(LockFile, $"{dead.Id} 2026-09-01T11:00:00Z monitor\n", TestContext.Current.CancellationToken);

        using (var other = await HoldFromOutsideAsync())
        {
            Assert.False(StateLock.TryTake(State, "monitor", time, out _, out var holder));
            Assert.Null(holder);
            other.Kill();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Take("monitor").Dispose(); // its lock died with it
    }

    [Theory]
    [InlineData("")]
    [InlineData("4711")]
    [InlineData("x 2026-09-01T12:00:00Z monitor\n")]
    [InlineData("1 yesterday monitor\n")]
    [InlineData("1 2026-09-01T12:00:00Z deplo")]
    public async Task A_text_that_no_holder_wrote_whole_tells_nothing(string text)
    {
        Directory.CreateDirectory(State);
        await File.WriteAllTextAsync(LockFile, text, TestContext.Current.CancellationToken);
        using var other = await HoldFromOutsideAsync();

        Assert.False(StateLock.TryTake(State, "monitor", time, out _, out var holder));
        Assert.Null(holder);

        other.Kill();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_program_started_meanwhile_does_not_keep_the_lock()
    {
        var held = Take("monitor");
        using var child = Start("sleep", "60");
        held.Dispose();

        Assert.Equal(0, await RunAsync("flock", "--nonblock", LockFile, "true"));

        child.Kill();
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_missing_directory_is_made_for_the_owner_only()
    {
        using var held = Take("monitor");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LockFile));
    }

    [Fact]
    public void A_file_in_the_directorys_place_is_refused()
    {
        File.WriteAllText(State, "");

        AssertRefused(State, $"the state directory '{State}' cannot be made: a file of that name is in its place");
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_refused() => AssertRefused("/proc/eclusier", "the state directory '/proc/eclusier' cannot be made: ");

    [Fact]
    public void A_directory_that_may_not_be_written_is_refused() =>
        AssertRefused("/proc/self", "the state directory '/proc/self' may not be written: 'eclusier.lock' could not be opened: ");

    private void AssertRefused(string directory, string message)
    {
        var exception = Assert.Throws<FailureException>(() => StateLock.TryTake(directory, "monitor", time, out _, out _));
        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    private StateLock Take(string purpose)
    {
        Assert.True(StateLock.TryTake(State, purpose, time, out var taken, out var holder), $"held by {holder}");
        return taken;
    }

    /// <summary>Through another program: .NET takes a lock of its own on what it opens.</summary>
    private string ReadLockFile()
    {
        using var cat = Start("cat", LockFile);
        return cat.StandardOutput.ReadToEnd();
    }

    /// <summary>A program that has the lock and says so; it becomes <c>sleep</c>, so that its death is the lock's end.</summary>
    private async Task<Process> HoldFromOutsideAsync()
    {
        var process = Start("flock", "--nonblock", "--no-fork", LockFile, "sh", "-c", "echo taken; exec sleep 60");
        Assert.Equal("taken", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return process;
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
}
