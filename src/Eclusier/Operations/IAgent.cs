using Eclusier.Core.Access;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>Everything a person can ask of Eclusier. Commands and the API know only this: one implementation does the work, the other asks the running daemon for it.</summary>
public interface IAgent
{
    Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken);

    /// <returns><c>null</c> when there is no such release.</returns>
    Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken);

    /// <summary>How one release differs from another, whatever runs.</summary>
    /// <returns><c>null</c> when there is no such release.</returns>
    Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken);

    /// <summary>What deploying the newest revision would change and why; touches nothing on the host.</summary>
    Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken);

    /// <summary>Checks and deploys now, and waits for the outcome.</summary>
    Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken);

    /// <param name="release">A committed release, or <c>null</c> for the one before the last known good.</param>
    Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken);

    Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken);

    Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken);

    Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken);

    /// <summary>Sends a test message, and waits for what becomes of it.</summary>
    /// <param name="notifier"><c>null</c>: to all.</param>
    Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken);

    /// <summary>Has the daemon take its configuration file as it is now.</summary>
    /// <exception cref="RequestException">The file cannot be used; the configuration before stays.</exception>
    Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken);

    Task<StatsReport> StatsAsync(CancellationToken cancellationToken);

    /// <summary>Containers' output and the deployment's own lines, oldest first; with <paramref name="follow"/> it goes on until cancelled.</summary>
    IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, CancellationToken cancellationToken);

    /// <summary>Has the daemon look for something new now, and does not wait for what comes of it. Many at once are one.</summary>
    Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken);

    Task<TokensReport> TokensAsync(CancellationToken cancellationToken);

    /// <param name="expiresAt"><c>null</c>: it does not end.</param>
    Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken);

    /// <returns>The tokens that are left.</returns>
    Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Who had what done, newest first.</summary>
    Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken);
}
