using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>A contestant that watches a repository by itself: the agent, and the shell loop. Its clock starts with the end of a push.</summary>
internal abstract class Watcher(Ground ground, string name) : Contestant(ground, name)
{
    /// <summary>What stands between it and the git server, and counts; <c>null</c>: nothing.</summary>
    public CountingRelay? Relay { get; init; }

    /// <summary>How long a version may take until it answers with 200; it is asked each second.</summary>
    public int HealthSeconds { get; init; } = 30;

    public abstract int ProcessId { get; }

    public abstract bool IsRunning { get; }

    /// <summary>All that it has printed.</summary>
    public abstract IReadOnlyList<string> Lines { get; }

    /// <summary>How often it has looked for something new.</summary>
    public int Looks => Lines.Count(line => line.EndsWith("Checking for updates", StringComparison.Ordinal));

    protected GitRepository Repository { get; } = ground.NewRepository(name);

    protected string RepositoryUrl => Relay is null ? Ground.Git.UrlOf(Repository) : $"http://{Relay.Host}/{Path.GetFileName(Repository.Bare)}";

    /// <summary>What the version says that works at the moment.</summary>
    protected string Current { get; set; } = "web v1";

    /// <summary>A version that works.</summary>
    /// <param name="phase">How long after a look it is pushed; <c>null</c>: that does not matter.</param>
    public async Task<Update> UpdateByPushAsync(int padding, TimeSpan? phase, CancellationToken cancellationToken)
    {
        var (answer, tag) = await OfferAsync(behaviour => behaviour with { Padding = padding }, cancellationToken);
        await using var prober = Prober.Start(Port, answer);
        await prober.AwaitOldAsync(cancellationToken);
        if (phase is { } later)
        {
            await NextLookAsync(cancellationToken);
            await Task.Delay(later, cancellationToken);
        }

        await PushAsync(tag, cancellationToken);
        var (pushed, clock) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        await TellAsync(cancellationToken);
        var answered = await FirstAnswerAsync(prober, cancellationToken);
        Current = answer;
        var steps = await SettledAsync(isGood: true, clock, cancellationToken);
        return new Update(Stopwatch.GetElapsedTime(pushed, answered), await prober.GapAsync()) { Steps = steps };
    }

    /// <summary>A version that does not work, up to the first answer of the one before it, which has come back in a container of its own.</summary>
    public async Task<Return> FailAsync(Func<Behaviour, Behaviour> spoil, CancellationToken cancellationToken)
    {
        var before = await WebAsync();
        var (_, tag) = await OfferAsync(spoil, cancellationToken);
        await using var leaving = Prober.Start(Port, "nothing says this");
        await leaving.AwaitOldAsync(cancellationToken);
        await PushAsync(tag, cancellationToken);
        var (pushed, clock) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        var gone = await leaving.OldIsGoneAsync(Patience, cancellationToken);
        await using var returning = Prober.Start(Port, Current);
        var back = await FirstAnswerAsync(returning, cancellationToken);
        await SettledAsync(isGood: false, clock, cancellationToken);
        var after = await WebAsync();
        return after.Id != before.Id && after.ImageId == before.ImageId
            ? new Return(Stopwatch.GetElapsedTime(pushed, back), Stopwatch.GetElapsedTime(gone, back))
            : throw new InvalidOperationException($"the version before was expected to come back in a new container: {before}, then {after}");
    }

    /// <summary>Dies in the middle of an update, with all that it has started, and is started again at once.</summary>
    /// <returns>From its death to the first answer of what is to answer: the new version or, where that does not work, the one before it; <c>null</c>: not in that time.</returns>
    public async Task<TimeSpan?> DieAsync(KillPoint point, TimeSpan within, CancellationToken cancellationToken)
    {
        var (answer, tag) = await OfferAsync(point.Change, cancellationToken);
        var awaited = point.IsBad ? Current : answer;
        await using var moment = await point.Watch(Name, cancellationToken);
        await PushAsync(tag, cancellationToken);
        await moment.ComesAsync(Patience, cancellationToken);
        var died = Stopwatch.GetTimestamp();
        ProcessTree.Kill(ProcessId);
        await using var prober = Prober.Start(Port, awaited);
        var looks = Looks;
        var starting = StartAgainAsync();
        try
        {
            var answered = await prober.FirstNewAsync(within, cancellationToken);
            Current = awaited;
            return Stopwatch.GetElapsedTime(died, answered);
        }
        catch (TimeoutException) when (Looks > looks) // it looks, and leaves things as they are
        {
            return null;
        }
        finally
        {
            await starting;
        }
    }

    /// <summary>After a failure, or a kill: a version works again, and it goes on looking.</summary>
    public abstract Task RecoverAsync(CancellationToken cancellationToken);

    public async Task NextLookAsync(CancellationToken cancellationToken)
    {
        var looks = Looks;
        await Wait.UntilAsync("the next look", Patience, () => Task.FromResult(Looks > looks), cancellationToken);
    }

    protected override Task PushAsync(string tag, CancellationToken cancellationToken)
    {
        Repository.Push();
        return Task.CompletedTask;
    }

    protected abstract Task StartAgainAsync();

    /// <summary>Says that there is something new, where somebody is to.</summary>
    protected virtual Task TellAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until it has done all that it does about what was pushed last.</summary>
    /// <returns>How long each part of it took, as far as that is known.</returns>
    protected abstract Task<IReadOnlyList<StepView>> SettledAsync(bool isGood, DateTimeOffset pushed, CancellationToken cancellationToken);

    /// <summary>The next version's image is pushed, its commit is made.</summary>
    private async Task<(string Answer, string Tag)> OfferAsync(Func<Behaviour, Behaviour> change, CancellationToken cancellationToken)
    {
        var offered = await PrepareNextAsync(change, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // what that stirred up settles down
        return offered;
    }

    private async Task<LabContainer> WebAsync() => (await DockerCli.ContainersAsync(Name)).Single(container => container.Service == "web");
}

/// <summary>How the version before came back after one that does not work.</summary>
/// <param name="UntilBack">From the push of the bad one.</param>
/// <param name="Gap">From the last answer before it to the first one after it.</param>
internal sealed record Return(TimeSpan UntilBack, TimeSpan Gap);
