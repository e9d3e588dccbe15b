using Eclusier.Core.Deployments;

namespace Eclusier.Core.Deployments;

/// <summary>What became of one pass over a stack.</summary>
public abstract record Outcome
{
    private Outcome() { }

    /// <summary>One sentence for a person.</summary>
    public abstract string Message { get; }

    /// <summary>Nothing had to change.</summary>
    public sealed record UpToDate(string Why) : Outcome { public override string Message => Why; }

    /// <summary>The release passed and is last known good.</summary>
    public sealed record Committed(int Release, string Note) : Outcome { public override string Message => Note; }

    /// <summary>The release failed; <paramref name="To"/> runs again.</summary>
    public sealed record RolledBack(int Release, int To, Failure Failure) : Outcome
    {
        public override string Message => $"rolled back to release #{To}: {Failure.Message}";
    }

    /// <summary>Neither the release nor the way back worked.</summary>
    public sealed record RollbackFailed(int Release, Failure Failure, Failure RollbackFailure) : Outcome
    {
        public override string Message => $"{Failure.Message}; rolling back failed too: {RollbackFailure.Message}";
    }

    /// <summary>The release failed and was left as it is.</summary>
    public sealed record Failed(int Release, Failure Failure) : Outcome
    {
        public override string Message => $"release #{Release} was left as it is: {Failure.Message}";
    }

    /// <summary>The input is wrong; nothing was touched.</summary>
    public sealed record Rejected(Failure Failure) : Outcome { public override string Message => Failure.Message; }

    /// <summary>Something is awaited; nothing was touched.</summary>
    public sealed record Waiting(Failure Failure, DateTimeOffset Since, DateTimeOffset Until) : Outcome { public override string Message => Failure.Message; }

    /// <summary>What was awaited did not come in time; nothing was touched.</summary>
    public sealed record Expired(Failure Failure) : Outcome { public override string Message => Failure.Message; }

    /// <summary>Not now: suspended, quarantined, locked.</summary>
    public sealed record Blocked(string Why) : Outcome { public override string Message => Why; }

    /// <summary>The outside did not answer; tried again later; nothing was touched.</summary>
    public sealed record Unavailable(Failure Failure) : Outcome { public override string Message => Failure.Message; }
}
