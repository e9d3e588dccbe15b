using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>The stacks' files on the host.</summary>
public sealed class FakeWorkTree(CallLog calls, FakeRepository repository) : IWorkTree
{
    /// <summary>What each stack's work tree is at.</summary>
    public Dictionary<StackName, CommitId> Commits { get; } = [];

    /// <summary>Commits that are kept, by stack and release.</summary>
    public Dictionary<(StackName Stack, int Release), CommitId> Kept { get; } = [];

    /// <summary>What moving throws, while it is set.</summary>
    public FailureException? Trouble { get; set; }

    /// <summary>Where the next move saves local edits.</summary>
    public string? Patch { get; set; }

    /// <summary>Tracked files that somebody edited.</summary>
    public IReadOnlyList<string> Edited { get; set; } = [];

    /// <summary>Files that the last move was to leave where they are on the disk.</summary>
    public IReadOnlyCollection<string> InPlace { get; private set; } = [];

    public Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId commit, CancellationToken cancellationToken)
    {
        calls.Ask();
        return Task.FromResult(Edited);
    }

    public string PathOf(Stack stack) => stack.Checkout ?? $"/var/lib/eclusier/stacks/{stack.Name}/work";

    public Task<CommitId?> ReadCommitAsync(Stack stack, CancellationToken cancellationToken)
    {
        calls.Ask();
        return Task.FromResult(Commits.GetValueOrDefault(stack.Name));
    }

    public Task<StagedTree> StageAsync(Stack stack, Revision revision, CancellationToken cancellationToken)
    {
        calls.Do($"stage {revision.Commit.Short}");
        return Task.FromResult(new StagedTree($"/var/lib/eclusier/stacks/{stack.Name}/staging", repository.Find(revision.Commit).Files));
    }

    public Task<SavedEdits?> MoveAsync(Stack stack, CommitId commit, IReadOnlyCollection<string> inPlace, CancellationToken cancellationToken)
    {
        calls.Do($"move {commit.Short}", () =>
        {
            if (Trouble is not null)
            {
                throw Trouble;
            }

            Commits[stack.Name] = commit;
            InPlace = inPlace;
        });
        var saved = Patch is null ? null : new SavedEdits(Patch, Edited);
        (Patch, Edited) = (null, []);
        return Task.FromResult(saved);
    }

    public Task KeepAsync(Stack stack, int releaseNumber, CommitId commit, CancellationToken cancellationToken)
    {
        calls.Do($"keep {commit.Short} for #{releaseNumber}", () => Kept[(stack.Name, releaseNumber)] = commit);
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(Stack stack, int releaseNumber, CancellationToken cancellationToken)
    {
        calls.Do($"release #{releaseNumber}'s commit", () => Kept.Remove((stack.Name, releaseNumber)));
        return Task.CompletedTask;
    }
}
