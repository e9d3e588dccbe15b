using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>The agent as somebody may use it: whatever changes something is written down with who, from where, when and why, and with what became of it.</summary>
/// <param name="reason">Why, as they say; may be empty.</param>
public delegate IAgent AgentFor(Caller caller, string reason);

/// <inheritdoc cref="AgentFor"/>
public sealed partial class AuditedAgent(IAgent agent, IAuditLog audit, Caller caller, string because, TimeProvider timeProvider, ILogger<AuditedAgent> logger) : IAgent
{
    public Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken) => agent.StatusAsync(stack, cancellationToken);

    public Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken) => agent.HistoryAsync(stack, limit, cancellationToken);

    public Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken) => agent.ShowAsync(stack, release, cancellationToken);

    public Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken) => agent.CompareAsync(stack, from, to, cancellationToken);

    public Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) => agent.PlanAsync(stack, progress, cancellationToken);

    public Task<StatsReport> StatsAsync(CancellationToken cancellationToken) => agent.StatsAsync(cancellationToken);

    public IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, CancellationToken cancellationToken) => agent.LogsAsync(stack, lines, follow, cancellationToken);

    public Task<TokensReport> TokensAsync(CancellationToken cancellationToken) => agent.TokensAsync(cancellationToken);

    public Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken) => agent.AuditAsync(limit, cancellationToken);

    public Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync("deploy", stack, force ? "forced" : "", because, () => agent.DeployAsync(stack, force, progress, cancellationToken));

    public Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync("rollback", stack, release is { } number ? $"to #{number}" : "", because, () => agent.RollBackAsync(stack, release, progress, cancellationToken));

    public Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync("retry", stack, "", because, () => agent.RetryAsync(stack, progress, cancellationToken));

    public Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken) =>
        OutcomeAsync("suspend", stack, "", reason, () => agent.SuspendAsync(stack, reason, cancellationToken));

    public Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken) =>
        OutcomeAsync("resume", stack, "", because, () => agent.ResumeAsync(stack, cancellationToken));

    public Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken) =>
        OutcomeAsync("check", stack, "", because, () => agent.CheckAsync(stack, cancellationToken));

    public Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken) => WriteDownAsync(
        "notify test", null, notifier ?? "all", because, () => agent.TestNotifiersAsync(notifier, cancellationToken),
        report => $"delivered to {report.Tests.Count(test => test.Delivered)} of {report.Tests.Count}");

    public Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken) =>
        WriteDownAsync("reload", null, "", because, () => agent.ReloadAsync(cancellationToken), _ => "done");

    public Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken) => WriteDownAsync(
        "token create", null, $"{name}, {role.ToWord()}{(expiresAt is { } end ? $", until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}", because,
        () => agent.CreateTokenAsync(name, role, expiresAt, cancellationToken), _ => "done");

    public Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken) => WriteDownAsync(
        "token revoke", null, name, because, () => agent.RevokeTokenAsync(name, cancellationToken), _ => "done");

    private Task<OutcomeReport> OutcomeAsync(string action, StackName stack, string detail, string why, Func<Task<OutcomeReport>> work) =>
        WriteDownAsync(action, stack, detail, why, work, outcome => outcome.Outcome == "done" ? "done" : $"{outcome.Outcome}: {outcome.Message}");

    private async Task<T> WriteDownAsync<T>(string action, StackName? stack, string detail, string why, Func<Task<T>> work, Func<T, string> resultOf)
    {
        var entry = audit.Begin(new AuditedAction(caller, action, stack, detail, why), timeProvider.GetUtcNow());
        try
        {
            var report = await work();
            End(entry, resultOf(report));
            return report;
        }
        catch (Exception exception)
        {
            End(entry, exception switch
            {
                RequestException => $"refused: {exception.Message}",
                OperationCanceledException => "no longer waited for",
                _ => $"failed: {exception.Message}",
            });
            throw;
        }
    }

    private void End(long entry, string result)
    {
        try
        {
            audit.End(entry, result, timeProvider.GetUtcNow());
        }
        catch (FailureException exception) // it is done, and that it was asked for is written down
        {
            Log.ResultUnwritten(logger, result, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "What became of a request ({Result}) could not be written into the audit: {Reason}")]
        public static partial void ResultUnwritten(ILogger logger, string result, string reason);
    }
}
