using Eclusier.Core.Health;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Deployments;

/// <summary>One recorded attempt to make a release the running one.</summary>
public sealed record Deployment
{
    public required long Id { get; init; }

    public required StackName Stack { get; init; }

    public required Cause Cause { get; init; }

    /// <summary>Who or what exactly: a user's reason, the image that moved; may be empty.</summary>
    public string CauseDetail { get; init; } = "";

    /// <summary>The commit it is about.</summary>
    public required CommitId Commit { get; init; }

    /// <summary>The commit's subject, once it was fetched.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The commit's author, once it was fetched.</summary>
    public string Author { get; init; } = "";

    /// <summary>The release it tries, once it was prepared.</summary>
    public int? Release { get; init; }

    /// <summary>The release that ran before (last known good), if any.</summary>
    public int? Previous { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary><c>null</c> while it is open.</summary>
    public DeploymentResult? Result { get; init; }

    /// <summary>Why it ended as it did, in one sentence; while it is open and being rolled back: what failed.</summary>
    public string Reason { get; init; } = "";

    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    public IReadOnlyList<StepRecord> Steps { get; init; } = [];

    /// <summary>How often applying was begun, restarts of the agent included.</summary>
    public int Starts { get; init; }

    /// <summary>How many agents found it open at their start, and did not live to close it. One that was stopped in an orderly way does not count.</summary>
    public int Recoveries { get; init; }

    /// <summary>What was so before it was applied; <c>null</c> when that was not looked at, or it is closed.</summary>
    public Baseline? Baseline { get; init; }

    /// <summary>What its stack was settled on when it was begun.</summary>
    public string? SettledBefore { get; init; }

    public StepRecord? LastStep => Steps.Count == 0 ? null : Steps[^1];

    public bool IsOpen => Result is null;

    /// <summary>Applying was begun: containers and work tree may differ from what they were.</summary>
    public bool HasTouchedTheHost => Steps.Any(step => step.Step.TouchesTheHost());
}

/// <summary>Why a deployment was begun.</summary>
public enum Cause
{
    Commit,
    ConfigurationChanged,
    ImageMoved,
    Command,
    Retry,
    ManualRollback,
    Drift,
}

/// <summary>How a deployment ended: exactly one of these.</summary>
public enum DeploymentResult
{
    /// <summary>The release passed the gate and is last known good.</summary>
    Committed,

    /// <summary>The release failed; the last known good one runs again, verified.</summary>
    RolledBack,

    /// <summary>The release failed, and so did going back.</summary>
    RollbackFailed,

    /// <summary>The release failed and was left as it is: nothing to go back to, or <c>on_failure: stop-and-report</c>.</summary>
    Failed,

    /// <summary>The input was wrong; nothing was touched.</summary>
    Rejected,

    /// <summary>What was awaited did not come in time; nothing was touched.</summary>
    Expired,

    /// <summary>A newer commit took its place before anything was touched.</summary>
    Superseded,

    /// <summary>The commit changes nothing for this stack.</summary>
    UpToDate,

    /// <summary>It ended before anything was touched: the agent stopped, or what a command needs was not there.</summary>
    Interrupted,

    /// <summary>The release is in quarantine; nothing was touched.</summary>
    Blocked,
}

/// <summary>The steps of a deployment, in order.</summary>
public enum Step
{
    Fetch,
    Render,
    Lock,
    Stage,
    Apply,
    HealthGate,
    Soak,
    RollBack,
    Verify,
}

/// <summary>What a step means for the host.</summary>
public static class StepExtensions
{
    /// <summary>From applying on: containers and work tree may change, or are judged.</summary>
    public static bool TouchesTheHost(this Step step) => step >= Step.Apply;
}

/// <summary>A step as recorded: written when it begins, completed when it ends.</summary>
/// <param name="Detail">What came of it, or the failure's message.</param>
public sealed record StepRecord(Step Step, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, bool? Succeeded, string Detail)
{
    public TimeSpan? Duration => EndedAt - StartedAt;
}
