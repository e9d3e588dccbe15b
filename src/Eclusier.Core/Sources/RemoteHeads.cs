using Eclusier.Core.Deployments;

namespace Eclusier.Core.Sources;

/// <summary>What selectors of one repository point to, out of one answer of its server.</summary>
/// <param name="Missing">Why a selector points to nothing: rejected.</param>
public sealed record RemoteHeads(IReadOnlyDictionary<RevisionSelector, Head> Found, IReadOnlyDictionary<RevisionSelector, Failure> Missing)
{
    /// <summary>The selector was among those that were asked for.</summary>
    public bool Answers(RevisionSelector selector) => Found.ContainsKey(selector) || Missing.ContainsKey(selector);

    /// <exception cref="FailureException">Rejected: it points to nothing.</exception>
    public Head Of(RevisionSelector selector) => Found.TryGetValue(selector, out var head) ? head : throw new FailureException(Missing[selector]);
}
