using System.Runtime.CompilerServices;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Tests;

/// <summary>An agent that answers what a test tells it to, and writes down what it was asked.</summary>
internal sealed class FakeAgent : IAgent
{
    public List<string> Calls { get; } = [];

    public Dictionary<string, StackStatus> Statuses { get; } = new() { ["shop"] = Some.Status, ["blog"] = Some.EmptyStatus };

    public HistoryReport History { get; set; } = Some.History;

    public ReleaseReport? Release { get; set; } = Some.Release;

    public StatsReport Stats { get; set; } = Some.Stats;

    public List<LogEntry> Logs { get; } = [new(Some.Now.AddSeconds(-2), "shop-web-1", "GET /"), new(Some.Now.AddSeconds(-1), "eclusier", "Committed #41")];

    public Func<StackName, PlanReport> Plan { get; set; } = stack => Some.Plan with { Stack = stack.Value };

    /// <summary>What work ends with; may throw.</summary>
    public Func<StackName, OutcomeReport> Outcome { get; set; } = stack => new OutcomeReport(stack.Value, "committed", "release #42 is last known good", null);

    /// <summary>Work waits for this after its first line of progress.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public TaskCompletionSource WorkBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How the last work ended: <c>done</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public TaskCompletionSource<string> WorkEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The logs so far were read; more is awaited.</summary>
    public TaskCompletionSource LogsFollowed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody follows the logs any more.</summary>
    public TaskCompletionSource LogsEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken)
    {
        Calls.Add($"status {stack}".TrimEnd());
        return Task.FromResult<IReadOnlyList<StackStatus>>(stack is null ? [.. Statuses.Values] : [Statuses[stack.Value]]);
    }

    public Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken)
    {
        Calls.Add($"history {stack?.Value ?? "*"} {limit}");
        return Task.FromResult(History);
    }

    public Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken)
    {
        Calls.Add($"show {stack} {release}");
        return Task.FromResult(release == Release?.Release.Number ? Release : null);
    }

    public Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken)
    {
        Calls.Add($"compare {stack} {from} {to}");
        return Task.FromResult(from == Comparison.From.Number && to == Comparison.To.Number ? Comparison : null);
    }

    public ComparisonReport Comparison { get; set; } = Some.Comparison;

    public async Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        await WorkAsync($"plan {stack}", stack, progress, Plan, cancellationToken);

    public Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        WorkAsync($"deploy {stack}{(force ? " force" : "")}", stack, progress, Outcome, cancellationToken);

    public Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        WorkAsync($"rollback {stack} {release?.ToString() ?? "previous"}", stack, progress, Outcome, cancellationToken);

    public Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        WorkAsync($"retry {stack}", stack, progress, Outcome, cancellationToken);

    public Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken)
    {
        Calls.Add($"suspend {stack}: {reason}");
        return Task.FromResult(new OutcomeReport(stack.Value, "done", $"suspended: {reason}", null));
    }

    public Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken)
    {
        Calls.Add($"resume {stack}");
        return Task.FromResult(new OutcomeReport(stack.Value, "done", "resumed", null));
    }

    public NotifyReport Notified { get; set; } = Some.Notified;

    public Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken)
    {
        Calls.Add($"notify test {notifier ?? "*"}");
        return Task.FromResult(Notified);
    }

    /// <summary>What a reload comes to; may throw.</summary>
    public Func<ReloadReport> Reload { get; set; } = () => new ReloadReport(["shop", "blog"], ["blog"], ["wiki"], []);

    public Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken)
    {
        Calls.Add("reload");
        return Task.FromResult(Reload());
    }

    public Task<StatsReport> StatsAsync(CancellationToken cancellationToken)
    {
        Calls.Add("stats");
        return Task.FromResult(Stats);
    }

    public Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken)
    {
        Calls.Add($"check {stack}");
        return Task.FromResult(new OutcomeReport(stack.Value, "done", $"{stack} is checked now", null));
    }

    public Task<TokensReport> TokensAsync(CancellationToken cancellationToken)
    {
        Calls.Add("tokens");
        return Task.FromResult(Some.Tokens);
    }

    public Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        Calls.Add($"token create {name} {role} {expiresAt:yyyy-MM-dd}".TrimEnd());
        return Task.FromResult(new NewTokenReport(name, role.ToWord(), expiresAt, "ecl_the-text"));
    }

    public Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken)
    {
        Calls.Add($"token revoke {name}");
        return name == "nobody" ? throw new RequestException("there is no token 'nobody'; there are: ci, ann") : Task.FromResult(Some.Tokens);
    }

    public AuditReport Audit { get; set; } = Some.Audit;

    public Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken)
    {
        Calls.Add($"audit {limit}");
        return Task.FromResult(Audit);
    }

    public async IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Calls.Add($"logs {stack} {lines}{(follow ? " follow" : "")}");
        try
        {
            foreach (var entry in Logs)
            {
                yield return entry;
            }

            if (follow)
            {
                LogsFollowed.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
        finally
        {
            if (follow)
            {
                LogsEnded.TrySetResult();
            }
        }
    }

    private async Task<T> WorkAsync<T>(string call, StackName stack, Action<ProgressLine> progress, Func<StackName, T> answer, CancellationToken cancellationToken)
    {
        Calls.Add(call);
        progress(new ProgressLine(Some.Now, stack.Value, "information", "Checking for updates"));
        WorkBegan.TrySetResult();
        try
        {
            await Gate.WaitAsync(cancellationToken);
            var answered = answer(stack);
            WorkEnded.TrySetResult("done");
            return answered;
        }
        catch (OperationCanceledException)
        {
            WorkEnded.TrySetResult("cancelled");
            throw;
        }
        catch (Exception)
        {
            WorkEnded.TrySetResult("failed");
            throw;
        }
    }
}
