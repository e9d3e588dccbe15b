using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Liveness;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Health;

/// <summary>Holds a release until it is healthy, or until time is up; then watches that it stays so.</summary>
/// <remarks>Time is measured, not read from the clock on the wall: one that is put right in between neither ends the wait nor stretches it.</remarks>
public sealed partial class HealthGate(IEngine engine, IHealthProbe probes, Holdups holdups, SecretMasks masks, TimeProvider timeProvider, ILogger<HealthGate> logger)
{
    private readonly LastLines lastLines = new(engine);

    /// <summary>What was so before the release was applied, and so cannot be blamed on it.</summary>
    public async Task<Baseline> ReadBaselineAsync(Stack stack, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(stack.Project, cancellationToken);
        var baseline = BaselineOf(live);
        if (!live.Containers.Any(container => container.IsRunning))
        {
            return baseline; // nothing runs: that no probe passes says nothing
        }

        var results = await ProbeAllAsync(stack, cancellationToken);
        return baseline with { FailingProbes = [.. results.Where(result => !result.Result.Passed).Select(result => result.Probe.Title)] };
    }

    /// <summary>A baseline of the containers alone.</summary>
    public async Task<Baseline> ReadRestartsAsync(Stack stack, CancellationToken cancellationToken) =>
        BaselineOf(await engine.ObserveAsync(stack.Project, cancellationToken));

    /// <summary>The baseline with the restarts up to now: what containers went through before is not blamed on what comes. Waits for an engine that is away.</summary>
    public async Task<Baseline> RefreshAsync(Stack stack, Baseline baseline, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var refreshed = baseline with { Restarts = (await ReadRestartsAsync(stack, cancellationToken)).Restarts };
                holdups.End(stack.Name);
                return refreshed;
            }
            catch (FailureException exception) when (exception.Kind is FailureKind.Transient)
            {
                NoteEngineAway(stack, exception);
                await PauseAsync(stack, cancellationToken);
            }
        }
    }

    /// <summary>Waits until all containers and probes pass. A definite failure ends the wait at once; an engine that is away stops the clock.</summary>
    /// <param name="restore">Applies the release once more, when the engine has come back: one that was killed takes containers with it, and does not start all of them again.</param>
    public async Task<Verdict> WaitAsync(Stack stack, Release release, Baseline baseline, Func<CancellationToken, Task> restore, CancellationToken cancellationToken)
    {
        var began = timeProvider.GetTimestamp();
        var limit = stack.Health.Timeout;
        var disturbances = 0;
        for (var attempt = 1; ; attempt++)
        {
            var (look, lost) = await LookAsync(stack, release, baseline, isSoaking: false, restore, cancellationToken);
            limit += lost;
            Log.Attempt(logger, stack.Name, attempt, Told(stack, release, look));
            if (look.Findings.Count == 0 && look.FailedProbes.Count == 0)
            {
                return new Verdict.Passed("");
            }

            // looked first, then at the clock: a slow host must not fail a release that was never probed
            if (look.Findings.Any(finding => finding.IsDefinite))
            {
                return new Verdict.Failed(await FailureOfAsync(release, look, "is not healthy", cancellationToken));
            }

            disturbances = look.IsDisturbed ? disturbances + 1 : 0;
            var isOver = timeProvider.GetElapsedTime(began) >= limit;
            if (disturbances >= 2 || (disturbances > 0 && isOver)) // seen twice: somebody may be in the middle of something
            {
                return new Verdict.Disturbed(await FailureOfAsync(release, look, "was taken away in part", cancellationToken));
            }

            if (isOver)
            {
                return look.Findings.Count == 0 && look.FailedProbes.All(failed => baseline.FailingProbes.Contains(failed.Probe.Title))
                    ? new Verdict.Passed($"failed before the deployment already, and still does: {string.Join("; ", look.FailedProbes)}")
                    : new Verdict.Failed(await FailureOfAsync(release, look, $"is not healthy after {stack.Health.Timeout.TotalSeconds:0.#} s", cancellationToken));
            }

            var rest = limit - timeProvider.GetElapsedTime(began);
            await SignsOfLife.RestAsync("the next health check", rest < stack.Health.Interval ? rest : stack.Health.Interval, timeProvider, cancellationToken);
        }
    }

    /// <summary>Watches that a passing release stays so. One failed look is looked at again; two in a row, or a definite failure, end it.</summary>
    /// <param name="restore">As for <see cref="WaitAsync"/>.</param>
    public async Task<Verdict> SoakAsync(Stack stack, Release release, Baseline baseline, Func<CancellationToken, Task> restore, CancellationToken cancellationToken)
    {
        var soaked = await RefreshAsync(stack, baseline, cancellationToken);
        var began = timeProvider.GetTimestamp();
        var limit = stack.Health.Soak;
        var failures = 0;
        while (true)
        {
            var rest = limit - timeProvider.GetElapsedTime(began);
            await SignsOfLife.RestAsync("the next health check", rest > TimeSpan.Zero && rest < stack.Health.Interval ? rest : stack.Health.Interval, timeProvider, cancellationToken);
            var (look, lost) = await LookAsync(stack, release, soaked, isSoaking: true, restore, cancellationToken);
            limit += lost;
            var failed = look with { FailedProbes = [.. look.FailedProbes.Where(probe => !baseline.FailingProbes.Contains(probe.Probe.Title))] };
            failures = failed.Findings.Count == 0 && failed.FailedProbes.Count == 0 ? 0 : failures + 1;
            Log.Soaking(logger, stack.Name, Told(stack, release, look));
            if (failures >= 2 && failed.IsDisturbed)
            {
                return new Verdict.Disturbed(await FailureOfAsync(release, failed, "was healthy at first, and was then taken away in part", cancellationToken));
            }

            if (failures >= 2 || failed.Findings.Any(finding => finding.IsDefinite))
            {
                return new Verdict.Failed(await FailureOfAsync(release, failed, "was healthy at first, but did not stay so", cancellationToken));
            }

            if (failures == 0 && timeProvider.GetElapsedTime(began) >= limit)
            {
                return new Verdict.Passed("");
            }
        }
    }

    /// <summary>The failure with the last lines of the containers that did not come up: why Compose gave up is in what they printed.</summary>
    public Task<Failure> WithLastLinesAsync(Release release, Failure failure, CancellationToken cancellationToken) => lastLines.AddAsync(release, failure, cancellationToken);

    /// <summary>Probes and healthchecks quote what the application said.</summary>
    private string Told(Stack stack, Release release, GateLook look) => look.IsClean ? look.Summary : masks.For(stack, release.Number).Apply(look.Summary);

    private static Baseline BaselineOf(LiveStack live) => new(live.Containers.ToDictionary(container => container.Id, container => container.RestartCount), []);

    /// <summary>Looks until the engine answers; the time in which it did not is lost, and no fault of the release.</summary>
    private async Task<(GateLook Look, TimeSpan Lost)> LookAsync(
        Stack stack, Release release, Baseline baseline, bool isSoaking, Func<CancellationToken, Task> restore, CancellationToken cancellationToken)
    {
        var lost = TimeSpan.Zero;
        var wasAway = false;
        var wasKilled = false;
        while (true)
        {
            var began = timeProvider.GetTimestamp();
            if (await TryToLookAsync(stack, release, baseline, isSoaking, cancellationToken) is not { } look)
            {
                wasAway = true;
                await PauseAsync(stack, cancellationToken);
            }
            else if (wasAway)
            {
                wasAway = false;
                holdups.End(stack.Name);
                Log.EngineBack(logger, stack.Name, release.Number);
                await restore(cancellationToken);
            }
            else if (!wasKilled && look.Findings.Any(finding => finding is { IsDefinite: true, IsKilled: true }))
            {
                wasKilled = true; // somebody may be removing it by force: then it is gone the next moment
                await PauseAsync(stack, cancellationToken);
            }
            else
            {
                return (look, lost);
            }

            lost += timeProvider.GetElapsedTime(began);
        }
    }

    private async Task<GateLook?> TryToLookAsync(Stack stack, Release release, Baseline baseline, bool isSoaking, CancellationToken cancellationToken)
    {
        try
        {
            var live = await engine.ObserveAsync(release.Project, cancellationToken);
            var findings = ContainerExam.Examine(release, live, baseline.Restarts, isSoaking);

            // probing what is broken already only takes time
            var results = findings.Any(finding => finding.IsDefinite) ? [] : await ProbeAllAsync(stack, cancellationToken);
            return new GateLook(findings, [.. results.Where(result => !result.Result.Passed)], live);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Transient)
        {
            NoteEngineAway(stack, exception);
            return null; // unknown is not failure
        }
    }

    private void NoteEngineAway(Stack stack, FailureException exception)
    {
        holdups.Note(stack.Name, exception.Message);
        Log.EngineAway(logger, stack.Name, exception.Message);
    }

    private Task PauseAsync(Stack stack, CancellationToken cancellationToken) =>
        SignsOfLife.RestAsync("the next health check", stack.Health.Interval < TimeSpan.FromSeconds(1) ? stack.Health.Interval : TimeSpan.FromSeconds(1), timeProvider, cancellationToken);

    private async Task<ProbedResult[]> ProbeAllAsync(Stack stack, CancellationToken cancellationToken) =>
        await Task.WhenAll(stack.Health.Probes.Select(async probe => new ProbedResult(probe, await probes.ProbeAsync(stack, probe, cancellationToken))));

    private async Task<Failure> FailureOfAsync(Release release, GateLook look, string what, CancellationToken cancellationToken)
    {
        var evidence = look.FailedProbes.Select(failed => new Evidence($"probe {failed.Probe.Title}", failed.Result.Detail)).ToList();
        foreach (var finding in look.Findings)
        {
            evidence.Add(new Evidence(finding.Subject, finding.Container is { HealthOutput.Length: > 0 } sick && sick.Health == "unhealthy" ? $"{finding.Text}; its healthcheck said: {sick.HealthOutput}" : finding.Text));
        }

        var suspects = look.Findings.Select(finding => finding.Container).OfType<LiveContainer>().ToList();
        evidence.AddRange(await lastLines.ReadAsync(suspects.Count > 0 ? suspects : look.Live.Containers.Where(container => container.IsRunning), cancellationToken));
        return masks.For(release.Stack, release.Number).Apply(new Failure(FailureKind.DeploymentFailed, $"release {release} {what}: {look.Summary}") { Evidence = evidence });
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Health check {Attempt}: {Summary}")]
        public static partial void Attempt(ILogger logger, StackName stack, int attempt, string summary);

        [LoggerMessage(LogLevel.Information, "{Stack}: Soaking: {Summary}")]
        public static partial void Soaking(ILogger logger, StackName stack, string summary);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Waiting for the engine, the clock of the health gate stands still: {Reason}")]
        public static partial void EngineAway(ILogger logger, StackName stack, string reason);

        [LoggerMessage(LogLevel.Information, "{Stack}: The engine is back; applying release #{Release} once more, for containers that did not come back with it")]
        public static partial void EngineBack(ILogger logger, StackName stack, int release);
    }
}
