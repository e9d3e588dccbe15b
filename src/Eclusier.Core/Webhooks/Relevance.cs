using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Webhooks;

/// <summary>Whether a stack is looked at for what a webhook says.</summary>
/// <remarks>In doubt it is: a look costs one small request. A sender that lies can at most keep its own nudge away; the next poll comes all the same.</remarks>
public static class Relevance
{
    /// <param name="isShared">The address is not the stack's own: then the repository counts too.</param>
    public static bool Concerns(Claim claim, Stack stack, StackState state, bool isShared) => claim.Kind switch
    {
        ClaimKind.Other => false,
        ClaimKind.Push => IsFollowed(claim, stack.Source.Selector) && (!isShared || IsRepositoryOf(claim, stack.Source)),
        ClaimKind.Image => IsImageOf(claim, state),
        _ => true,
    };

    private static bool IsFollowed(Claim claim, RevisionSelector selector) => selector switch
    {
        RevisionSelector.Commit => false, // it stays where it is
        RevisionSelector.Branch branch => claim.Refs.Count == 0 || claim.Refs.Contains($"refs/heads/{branch.Name}"),
        _ => claim.Refs.Count == 0 || claim.Refs.Any(name => name.StartsWith("refs/tags/", StringComparison.Ordinal)),
    };

    /// <summary>By its path alone: one server may have several names.</summary>
    private static bool IsRepositoryOf(Claim claim, Source source) =>
        claim.Repositories.Count == 0 || CommitLink.Parse(source.Repository) is not var (_, path)
        || claim.Repositories.Any(named => string.Equals(CommitLink.Parse(named)?.Path ?? named, path, StringComparison.OrdinalIgnoreCase));

    /// <summary>By the repository's path alone, and not by the tag: what waits for an image, or never had one, is looked at in any case.</summary>
    private static bool IsImageOf(Claim claim, StackState state)
    {
        var known = FollowedImage.Parse(state.FollowedDigests);
        return claim.Images.Count == 0 || known.Count == 0 || state.Trouble is { Kind: FailureKind.Waiting }
            || known.Any(image => claim.Images.Any(named => PathOf(named) is not { } path || path == PathOf(image.Image)));
    }

    private static string? PathOf(string image) => ImageReference.TryParse(image, out var reference) ? reference.Repository : null;
}
