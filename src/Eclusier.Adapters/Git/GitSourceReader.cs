using System.Globalization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Reads repositories with the git program: every transport, proxy and credential helper it knows.</summary>
public sealed class GitSourceReader(GitMirrors mirrors) : ISourceReader
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";
    private const string Peeled = "^{}";

    public async Task<Head> ReadHeadAsync(Source source, CancellationToken cancellationToken)
    {
        using var access = mirrors.AccessTo(source);
        return source.Selector switch
        {
            RevisionSelector.Branch branch => await ReadBranchAsync(access, branch.Name, cancellationToken),
            RevisionSelector.Tag tag => await ReadNewestTagAsync(access, tag.Pattern, cancellationToken),
            RevisionSelector.Commit commit => new Head(commit.Id.Short, commit.Id),
            _ => throw new InvalidOperationException("a new kind of selector"),
        };
    }

    public async Task<Revision> FetchAsync(Source source, Head head, CancellationToken cancellationToken)
    {
        using var access = mirrors.AccessTo(source);
        var told = await mirrors.Of(source).FetchAsync(access, source.Selector, head.Commit, cancellationToken);
        return told.TrimEnd('\n').Split('\0', 4) is [var author, var date, var seconds, var subject]
            ? new Revision(head.RefName, head.Commit, author, DateOf(date, seconds), subject)
            : throw new FailureException(new Failure(FailureKind.Ambiguous, $"what git says of commit {head.Commit.Short} cannot be read"));
    }

    public Task<bool> IsDescendantAsync(Source source, CommitId ancestor, CommitId descendant, CancellationToken cancellationToken) =>
        mirrors.Of(source).IsDescendantAsync(ancestor, descendant, cancellationToken);

    private async Task<Head> ReadBranchAsync(GitAccess access, string branch, CancellationToken cancellationToken)
    {
        // git matches the end of names too: other/refs/heads/main would come along
        var found = (await AskAsync(access, Heads + branch, cancellationToken)).GetValueOrDefault(Heads + branch);
        if (found is not null)
        {
            return new Head(branch, found);
        }

        var others = (await AskAsync(access, Heads + "*", cancellationToken)).Keys.Select(name => name[Heads.Length..]).ToList();
        throw FailureException.Rejected($"branch '{branch}' does not exist in {access.Address.Display}; " +
            (others.Count == 0 ? "it has no branches yet" : $"it has {string.Join(", ", NearestTo(branch, others).Take(3).Select(name => $"'{name}'"))}{(others.Count > 3 ? $" and {others.Count - 3} more" : "")}"));
    }

    private async Task<Head> ReadNewestTagAsync(GitAccess access, string pattern, CancellationToken cancellationToken)
    {
        var references = await AskAsync(access, Tags + "*", cancellationToken);
        var names = references.Keys.Where(name => !name.EndsWith(Peeled, StringComparison.Ordinal)).Select(name => name[Tags.Length..]).ToList();
        var newest = NewestVersion.Among(names, pattern)
            ?? throw FailureException.Rejected($"no tag of {access.Address.Display} matches '{pattern}' and is a semantic version like v1.2.3 (it has {names.Count} tags)");
        return new Head(newest, references.GetValueOrDefault(Tags + newest + Peeled) ?? references[Tags + newest]);
    }

    /// <summary>The server's references by name; annotated tags also with what they point to (<c>^{}</c>).</summary>
    private async Task<Dictionary<string, CommitId>> AskAsync(GitAccess access, string pattern, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(mirrors.StateDirectory);
        var command = new GitCommand(mirrors.StateDirectory, "ls-remote", "--quiet", "--", access.Address.Text, pattern) { Access = access, Doing = "reading the references" };
        var prefix = pattern[..(pattern.IndexOf('/', "refs/".Length) + 1)];
        var references = new Dictionary<string, CommitId>(StringComparer.Ordinal);
        foreach (var line in (await mirrors.Git.RunAsync(command, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t', 2);
            if (fields is not [var id, var name] || !CommitId.TryParse(id, out var commit))
            {
                throw FailureException.Transient($"{access.Address.Display} answered with something that is no list of references");
            }

            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                references[name] = commit;
            }
        }

        return references;
    }

    /// <summary>Commits may claim any time zone and any year; what is no date to .NET is told by its seconds, and the rest is kept within what it can tell.</summary>
    private static DateTimeOffset DateOf(string date, string seconds) =>
        DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment
        : long.TryParse(seconds, CultureInfo.InvariantCulture, out var since) && since <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() && since >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(since)
        : DateTimeOffset.UnixEpoch;

    /// <summary>Those that share the longest beginning first: a wrong name is mostly an incomplete or a changed one.</summary>
    private static IEnumerable<string> NearestTo(string branch, IEnumerable<string> others) =>
        others.OrderByDescending(name => name.Contains(branch, StringComparison.OrdinalIgnoreCase))
            .ThenByDescending(name => name.Zip(branch).TakeWhile(pair => pair.First == pair.Second).Count())
            .ThenBy(name => name, StringComparer.Ordinal);
}
