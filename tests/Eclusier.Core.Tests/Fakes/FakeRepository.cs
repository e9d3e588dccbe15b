using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>A repository on a server: branches with commits, each of which renders to a model or fails to.</summary>
public sealed class FakeRepository(CallLog calls, TimeProvider timeProvider) : ISourceReader
{
    private readonly Dictionary<CommitId, FakeCommit> commits = [];

    /// <summary>Branch heads.</summary>
    public Dictionary<string, FakeCommit> Heads { get; } = [];

    /// <summary>What asking the server throws, while it is set.</summary>
    public FailureException? Trouble { get; set; }

    public int Questions { get; private set; }

    /// <summary>A new commit on top of the branch.</summary>
    public FakeCommit Commit(JsonObject model, string subject = "a change", string branch = "main") => Add(subject, branch, model, null);

    /// <summary>A commit whose Compose files cannot be rendered.</summary>
    public FakeCommit CommitBroken(FailureException failure, string subject = "a mistake", string branch = "main") => Add(subject, branch, [], failure);

    /// <summary>Makes the branch point to a commit that does not descend from its head.</summary>
    public FakeCommit ForcePush(JsonObject model, string subject = "rewritten", FakeCommit? parent = null, string branch = "main")
    {
        var commit = Make(subject, parent, model, null);
        Heads[branch] = commit;
        return commit;
    }

    public FakeCommit Find(CommitId id) => commits[id];

    public Task<RemoteHeads> ReadHeadsAsync(Source source, IReadOnlyCollection<RevisionSelector> selectors, CancellationToken cancellationToken)
    {
        calls.Ask();
        cancellationToken.ThrowIfCancellationRequested();
        Questions++;
        ThrowTrouble();
        var branches = selectors.OfType<RevisionSelector.Branch>().ToLookup(branch => Heads.ContainsKey(branch.Name));
        return Task.FromResult(new RemoteHeads(
            branches[true].ToDictionary(branch => (RevisionSelector)branch, branch => new Head(branch.Name, Heads[branch.Name].Id)),
            branches[false].ToDictionary(branch => (RevisionSelector)branch, branch => new Failure(FailureKind.Rejected, $"{source.Repository} has no branch '{branch.Name}'"))));
    }

    public Task<Revision> FetchAsync(Source source, Head head, CancellationToken cancellationToken)
    {
        calls.Do($"fetch {head.Commit.Short}", ThrowTrouble);
        return Task.FromResult(new Revision(head.RefName, head.Commit, "Ada", timeProvider.GetUtcNow(), commits[head.Commit].Subject));
    }

    public Task<bool> IsDescendantAsync(Source source, CommitId ancestor, CommitId descendant, CancellationToken cancellationToken)
    {
        calls.Ask();
        for (var commit = commits[descendant]; commit is not null; commit = commit.Parent)
        {
            if (commit.Id == ancestor)
            {
                return Task.FromResult(true);
            }
        }

        return Task.FromResult(false);
    }

    private FakeCommit Add(string subject, string branch, JsonObject model, FailureException? failure) =>
        Heads[branch] = Make(subject, Heads.GetValueOrDefault(branch), model, failure);

    private FakeCommit Make(string subject, FakeCommit? parent, JsonObject model, FailureException? failure)
    {
        var commit = new FakeCommit(Some.Commit($"commit {commits.Count} {subject}"), parent, subject, (JsonObject)model.DeepClone(), failure);
        commits.Add(commit.Id, commit);
        return commit;
    }

    private void ThrowTrouble()
    {
        if (Trouble is not null)
        {
            throw Trouble;
        }
    }
}

/// <summary>A commit: what its Compose files render to, and its tracked files.</summary>
public sealed record FakeCommit(CommitId Id, FakeCommit? Parent, string Subject, JsonObject Model, FailureException? Failure)
{
    /// <summary>Git object ids by path.</summary>
    public Dictionary<string, string> Files { get; } = [];
}
