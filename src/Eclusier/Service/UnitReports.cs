namespace Eclusier.Service;

/// <summary>What was done to the service, or would be.</summary>
/// <param name="Unit">The unit's file.</param>
/// <param name="Text">What is in it; only for a dry run.</param>
/// <param name="Changes">A sentence each; empty: all was as it should be.</param>
public sealed record UnitChangeReport(string Unit, IReadOnlyList<string> Changes, string? Text);

/// <summary>How the service is.</summary>
public sealed record UnitStatusReport
{
    /// <summary>The unit's file; <c>null</c>: it is not installed.</summary>
    public string? Unit { get; init; }

    /// <summary>As systemd says it: <c>active</c>, <c>activating</c>, <c>failed</c>, …</summary>
    public string State { get; init; } = "not-installed";

    public DateTimeOffset? Since { get; init; }

    /// <summary>It starts with the host.</summary>
    public bool Enabled { get; init; }

    /// <summary>What the daemon says that it does.</summary>
    public string? Doing { get; init; }

    /// <summary>Of the daemon.</summary>
    public int? Pid { get; init; }

    /// <summary>How often systemd has started it again by itself.</summary>
    public int Restarts { get; init; }

    /// <summary>How it ended last, while it does not run: <c>success</c>, <c>exit-code</c>, <c>signal</c>, <c>watchdog</c>, …, with the exit code or signal.</summary>
    public string? LastExit { get; init; }

    /// <summary>How long the work may be silent, and when the daemon said last that it goes on.</summary>
    public string? Watchdog { get; init; }

    public DateTimeOffset? AliveAt { get; init; }

    /// <summary>Why `service install` would write the unit anew; <c>null</c>: it would not.</summary>
    public string? Outdated { get; init; }

    /// <summary>Files beside the unit that change it.</summary>
    public IReadOnlyList<string> DropIns { get; init; } = [];
}
