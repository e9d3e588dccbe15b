using Eclusier.Core.Deployments;

namespace Eclusier.Core.Health;

/// <summary>What the health gate says of a release.</summary>
public abstract record Verdict
{
    private Verdict() { }

    /// <param name="Note">What a person should know all the same, or nothing.</param>
    public sealed record Passed(string Note) : Verdict;

    public sealed record Failed(Failure Failure) : Verdict;

    /// <summary>Containers that were there are gone: somebody took them away, and that says nothing of the release.</summary>
    public sealed record Disturbed(Failure Failure) : Verdict;
}
