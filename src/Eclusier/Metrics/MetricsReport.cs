using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Metrics;
using Eclusier.Core.Notifications;
using Eclusier.Operations;
using Eclusier.Workers;

namespace Eclusier.Metrics;

/// <summary>Gathers everything that is measured, when somebody asks.</summary>
internal sealed class MetricsReport(StackWorkers workers, IJournal journal, IJournalTotals totals, IOutbox outbox, StatusReports statuses, Instruments instruments, string version, DateTimeOffset startedAt, TimeProvider timeProvider) : IDisposable
{
    /// <summary>An engine that hangs must not take the rest along: what only it knows is left out then.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    /// <summary>Several who ask in short order cost the engine one look.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1, 1);
    private IReadOnlyList<StackStatus> looked = [];
    private long? lookedAt;

    public DateTimeOffset StartedAt => startedAt;

    public string Version => version;

    /// <exception cref="FailureException">The journal cannot be read.</exception>
    public async Task<IReadOnlyList<Sample>> CollectAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var stacks = workers.All;
        var current = await LookAsync(stacks, cancellationToken);
        var counted = totals.Read();
        return
        [
            .. stacks.SelectMany(worker => StackMeasures.OfJournal(worker.Stack.Name, journal, worker.WhyStuck() is not null, now)),
            .. current.SelectMany(StackMeasures.OfStatus),
            .. stacks.SelectMany(worker => Deployments(worker.Stack.Name.Value, counted)),
            .. counted.Durations.OrderBy(entry => entry.Key).Select(entry => Catalogue.DeploymentDuration.Of(entry.Value, entry.Key.ToWord())),
            .. counted.Steps.OrderBy(entry => entry.Key).Select(entry => Catalogue.StepDuration.Of(entry.Value, entry.Key.ToWord())),
            .. instruments.Read(),
            .. outbox.ReadStates().SelectMany(state => Notifier(state, now)),
            Catalogue.Build.Of(1, version),
            Catalogue.Stacks.Of(stacks.Count),
            .. Process(),
        ];
    }

    public void Dispose() => turn.Dispose();

    private async Task<IReadOnlyList<StackStatus>> LookAsync(IReadOnlyList<StackWorker> stacks, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (lookedAt is { } at && timeProvider.GetElapsedTime(at) < Freshness)
            {
                return looked;
            }

            using var deadline = new CancellationTokenSource(LongestLook, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            looked = [.. (await Task.WhenAll(stacks.Select(worker => FindAsync(worker, either.Token, cancellationToken)))).OfType<StackStatus>()];
            lookedAt = timeProvider.GetTimestamp();
            return looked;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<StackStatus?> FindAsync(StackWorker worker, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await statuses.ReadAsync(worker.Stack, worker.Unwritten, deadline);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Results that never came are told as 0, so that the first one is seen as a rise.</summary>
    private static IEnumerable<Sample> Deployments(string stack, JournalTotals totals) => Enum.GetValues<DeploymentResult>().Select(result =>
        Catalogue.Deployments.Of(totals.Deployments.FirstOrDefault(count => count.Stack == stack && count.Result == result)?.Count ?? 0, stack, result.ToWord()));

    private static IEnumerable<Sample> Notifier(RecipientState state, DateTimeOffset now) =>
    [
        Catalogue.Outstanding.Of(state.Outstanding, state.Recipient),
        Catalogue.OldestOutstanding.Of(state.OldestAt is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0, state.Recipient),
        Catalogue.GivenUp.Of(state.GivenUp, state.Recipient),
    ];

    private IEnumerable<Sample> Process() =>
    [
        Catalogue.StartTime.Of(StackMeasures.Unix(startedAt)),
        Catalogue.Cpu.Of(Environment.CpuUsage.TotalTime.TotalSeconds),
        Catalogue.Memory.Of(Environment.WorkingSet),
        Catalogue.OpenFiles.Of(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()),
    ];
}
