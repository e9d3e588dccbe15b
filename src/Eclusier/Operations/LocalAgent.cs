using System.Runtime.CompilerServices;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Eclusier.Output;
using Eclusier.Workers;

namespace Eclusier.Operations;

/// <summary>The agent itself, in this process: every request about a stack goes through its worker, in turn with the polls.</summary>
public sealed class LocalAgent(
    StackWorkers workers, Reconciler reconciler, ManualRollback manualRollback, IJournal journal, Announcer announcer, DeliveryRound deliveries, IOutbox outbox, SettingsInForce settings, Func<ReloadReport>? reload, IReleaseStore releases, IEngine engine,
    StatusReports statusReports, TokenDesk tokens, IAuditLog audit, ProgressFeed feed, TimeProvider timeProvider, DateTimeOffset? daemonStartedAt) : IAgent
{
    public async Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken)
    {
        var wanted = stack is null ? workers.All : [WorkerOf(stack)];
        return await Task.WhenAll(wanted.Select(worker => statusReports.ReadAsync(worker.Stack, worker.Unwritten, cancellationToken)));
    }

    public Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken)
    {
        var wanted = stack is null ? workers.All.Select(worker => worker.Stack.Name) : [WorkerOf(stack).Stack.Name];
        var deployments = journal.ReadDeployments(stack, limit).Select(Reports.Of).ToList();
        return Task.FromResult(new HistoryReport(deployments, [.. wanted.SelectMany(ReleasesOf).Take(limit)]));
    }

    public async Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken)
    {
        if (journal.FindRelease(WorkerOf(stack).Stack.Name, release) is not { } entry)
        {
            return null;
        }

        var deployments = journal.ReadDeployments(stack, limit: 1000).Where(deployment => deployment.Release == release).Select(Reports.Of).ToList();
        var summary = Reports.Of(entry, journal.ReadState(stack).LastKnownGood);
        if (releases.FindDamage(stack, entry.Id) is not null)
        {
            return new ReleaseReport { Release = summary, Repository = WorkerOf(stack).Stack.Source.Repository, Deployments = deployments };
        }

        var kept = releases.Load(stack, entry.Id);
        return new ReleaseReport
        {
            Release = summary,
            Repository = kept.Repository,
            Revision = kept.Revision is { } revision ? new RevisionReport(revision.RefName, revision.Commit.Value, revision.Subject) : null,
            Author = kept.Revision?.Author,
            CommittedInGitAt = kept.Revision?.Date,
            Services = await Task.WhenAll(kept.Services.Select(async service => new ReleaseServiceReport(
                service.Name, service.Image, service.Reference, service.KeepTag, await engine.FindImageAsync(service.Reference, cancellationToken) is not null))),
            ComposeFiles = kept.ComposeFiles,
            Tools = kept.Tools,
            Deployments = deployments,
        };
    }

    public Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken) =>
        Task.FromResult(Comparisons.Between(WorkerOf(stack).Stack.Name, from, to, journal, releases));

    public async Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken)
    {
        await using var watching = feed.Subscribe(stack, progress);
        var worker = WorkerOf(stack);
        try
        {
            return Reports.Of(stack, await worker.AskAsync(async stopping =>
            {
                // it touches nothing: who has gone needs it no more, and the stack's work does not wait for it
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
                either.Token.ThrowIfCancellationRequested();
                return await reconciler.PlanAsync(worker.Stack, either.Token);
            }));
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new RequestException(exception.Message);
        }
    }

    public Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        RunAsync(stack, progress, (worker, stopping) => reconciler.ReconcileAsync(worker.Stack, new Trigger(TriggerKind.Command, "deploy", force), stopping), cancellationToken);

    public Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        RunAsync(stack, progress, (worker, stopping) => manualRollback.RunAsync(worker.Stack, release, "rollback", stopping), cancellationToken);

    public Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        RunAsync(stack, progress, (worker, stopping) => reconciler.ReconcileAsync(worker.Stack, new Trigger(TriggerKind.Retry, "retry"), stopping), cancellationToken);

    public Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        journal.Suspend(stack, reason, now, announcer.OfSuspension(WorkerOf(stack).Stack, reason, now));
        return Task.FromResult(new OutcomeReport(stack.Value, "done", $"{stack} is suspended: {reason}; its containers keep running", null));
    }

    public Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken)
    {
        var worker = WorkerOf(stack);
        journal.Resume(stack, announcer.OfResumption(worker.Stack, timeProvider.GetUtcNow()));
        if (daemonStartedAt is null)
        {
            return Task.FromResult(new OutcomeReport(stack.Value, "done", $"{stack} is no longer suspended; `eclusier deploy {stack}`, or the daemon once it runs, deploys what came meanwhile", null));
        }

        _ = worker.PassAsync(stopping => reconciler.ReconcileAsync(worker.Stack, Trigger.Poll, stopping)); // what came meanwhile is due now; the answer does not wait for it
        return Task.FromResult(new OutcomeReport(stack.Value, "done", $"{stack} is no longer suspended; what came meanwhile is deployed now", null));
    }

    public async Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken)
    {
        var wanted = settings.Now.Notifiers.Where(known => notifier is null || known.Name == notifier).ToList();
        if (wanted.Count == 0)
        {
            var names = string.Join(", ", settings.Now.Notifiers.Select(known => known.Name));
            throw new RequestException(names.Length == 0 ? "no notifier is configured: see `notifiers` in the configuration" : $"there is no notifier '{notifier}'; configured: {names}");
        }

        var told = announcer.OfTest(timeProvider.GetUtcNow());
        return new NotifyReport([.. await Task.WhenAll(wanted.Select(async known =>
        {
            var error = await deliveries.TryAsync(known.Name, told, cancellationToken);
            return new NotifierTest(known.Name, known.Type.ToWord(), error is null, error);
        }))]);
    }

    public Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(reload is null ? throw new RequestException("only the daemon has a configuration that it could read again") : reload());

    public Task<StatsReport> StatsAsync(CancellationToken cancellationToken) => Task.FromResult(new StatsReport
    {
        DaemonStartedAt = daemonStartedAt,
        Notifiers = [.. outbox.ReadStates().Select(state => new NotifierStats(state.Recipient, state.Outstanding, state.GivenUp, state.OldestAt, state.DeliveredAt, state.Error))],
        Stacks = [.. workers.All.Select(worker => Statistics.Of(worker.Stack.Name, journal, timeProvider.GetUtcNow()))],
    });

    public async IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var worker = WorkerOf(stack);
        var reader = new StackLog(worker.Stack, journal, engine, feed);
        await foreach (var entry in reader.ReadAsync(lines, follow, cancellationToken))
        {
            yield return entry;
        }
    }

    public Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken)
    {
        var worker = WorkerOf(stack);
        if (daemonStartedAt is null)
        {
            throw new RequestException($"only the daemon checks by itself: `eclusier deploy {stack}` does it here");
        }

        return Task.FromResult(new OutcomeReport(stack.Value, "done", worker.Nudge() ? $"{stack} is checked now" : $"{stack} is about to be checked already", null));
    }

    public Task<TokensReport> TokensAsync(CancellationToken cancellationToken) => Task.FromResult(tokens.List());

    public Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken) =>
        Task.FromResult(tokens.Create(name, role, expiresAt));

    public Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken) => Task.FromResult(tokens.Revoke(name));

    public Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken) =>
        Task.FromResult(new AuditReport([.. audit.Read(limit).Select(AuditLine.Of)]));

    private async Task<OutcomeReport> RunAsync(StackName stack, Action<ProgressLine> progress, Func<StackWorker, CancellationToken, Task<Outcome>> work, CancellationToken cancellationToken)
    {
        var worker = WorkerOf(stack);
        await using var watching = feed.Subscribe(stack, progress);
        try
        {
            // whoever asked may stop listening; what was begun goes on
            var outcome = await worker.PassAsync(stopping => work(worker, stopping)).WaitAsync(cancellationToken);
            while (outcome is Outcome.Waiting)
            {
                outcome = await worker.NextOutcome.WaitAsync(cancellationToken);
            }

            var last = journal.ReadDeployments(stack, limit: 1);
            return new OutcomeReport(stack.Value, Reports.WordOf(outcome), outcome.Message, last.Count > 0 && outcome is not Outcome.Blocked ? Reports.Of(last[0]) : null);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new RequestException(exception.Message);
        }
        catch (FailureException exception)
        {
            return new OutcomeReport(stack.Value, "unavailable", exception.Message, null);
        }
    }

    private IEnumerable<ReleaseSummary> ReleasesOf(StackName stack)
    {
        var lastKnownGood = journal.ReadState(stack).LastKnownGood;
        return journal.ReadReleases(stack).Select(entry => Reports.Of(entry, lastKnownGood));
    }

    private StackWorker WorkerOf(StackName stack) => workers.Find(stack)
        ?? throw new RequestException($"there is no stack '{stack}'; configured: {string.Join(", ", workers.All.Select(worker => worker.Stack.Name))}");
}
