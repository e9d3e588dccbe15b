using System.Globalization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Reads repositories: asks HTTP servers itself where their branches and tags are, and leaves all else to the git program with every transport, proxy and credential helper it knows.</summary>
public sealed class GitSourceReader(GitMirrors mirrors) : ISourceReader, IDisposable
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";
    private const string Peeled = "^{}";

    private readonly HttpReferences http = new(mirrors.Git.Limits, new GitHttpSettings(mirrors.Git, mirrors.StateDirectory, mirrors.TimeProvider), mirrors.TimeProvider);

    public void Dispose() => http.Dispose();

    public async Task<RemoteHeads> ReadHeadsAsync(Source source, IReadOnlyCollection<RevisionSelector> selectors, CancellationToken cancellationToken)
    {
        var patterns = selectors.Select(PatternOf).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var references = patterns.Count == 0 ? [] : await AskAsync(source, patterns, cancellationToken);
        var found = new Dictionary<RevisionSelector, Head>();
        var missing = new Dictionary<RevisionSelector, Failure>();
        foreach (var selector in selectors)
        {
            if (HeadOf(selector, references) is { } head)
            {
                found.Add(selector, head);
            }
            else
            {
                missing.Add(selector, await MissingAsync(source, selector, references, cancellationToken));
            }
        }

        return new RemoteHeads(found, missing);
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

    /// <returns><c>null</c>: nobody needs to be asked.</returns>
    private static string? PatternOf(RevisionSelector selector) => selector switch
    {
        RevisionSelector.Branch branch => Heads + branch.Name,
        RevisionSelector.Tag => Tags,
        RevisionSelector.Commit => null,
        _ => throw new InvalidOperationException("a new kind of selector"),
    };

    /// <returns><c>null</c>: there is none.</returns>
    private static Head? HeadOf(RevisionSelector selector, Dictionary<string, CommitId> references) => selector switch
    {
        RevisionSelector.Branch branch => references.TryGetValue(Heads + branch.Name, out var tip) ? new Head(branch.Name, tip) : null,
        RevisionSelector.Tag tag => NewestVersion.Among(TagsAmong(references), tag.Pattern) is { } newest
            ? new Head(newest, references.GetValueOrDefault(Tags + newest + Peeled) ?? references[Tags + newest])
            : null,
        RevisionSelector.Commit commit => commit.Head,
        _ => throw new InvalidOperationException("a new kind of selector"),
    };

    private async Task<Failure> MissingAsync(Source source, RevisionSelector selector, Dictionary<string, CommitId> references, CancellationToken cancellationToken)
    {
        var display = new GitAddress(source.Repository).Display;
        if (selector is not RevisionSelector.Branch branch)
        {
            return new Failure(FailureKind.Rejected, $"no tag of {display} matches '{selector}' and is a semantic version like v1.2.3 (it has {TagsAmong(references).Count} tags)");
        }

        var others = (await AskAsync(source, [Heads], cancellationToken)).Keys.Select(name => name[Heads.Length..]).ToList();
        return new Failure(FailureKind.Rejected, $"branch '{branch.Name}' does not exist in {display}; " +
            (others.Count == 0 ? "it has no branches yet" : $"it has {string.Join(", ", NearestTo(branch.Name, others).Take(3).Select(name => $"'{name}'"))}{(others.Count > 3 ? $" and {others.Count - 3} more" : "")}"));
    }

    private static List<string> TagsAmong(Dictionary<string, CommitId> references) =>
        [.. references.Keys.Where(name => name.StartsWith(Tags, StringComparison.Ordinal) && !name.EndsWith(Peeled, StringComparison.Ordinal)).Select(name => name[Tags.Length..])];

    /// <param name="patterns">Whole names, or what they begin with, up to a slash.</param>
    /// <returns>The server's references by name; annotated tags also with what they point to (<c>^{}</c>).</returns>
    private async Task<Dictionary<string, CommitId>> AskAsync(Source source, IReadOnlyCollection<string> patterns, CancellationToken cancellationToken)
    {
        if (await http.TryReadAsync(source, patterns, cancellationToken) is { } answer)
        {
            return answer;
        }

        using var access = mirrors.AccessTo(source);
        var references = await AskGitAsync(access, patterns, cancellationToken);
        http.LeaveToGit(access.Address);
        return references;
    }

    private async Task<Dictionary<string, CommitId>> AskGitAsync(GitAccess access, IReadOnlyCollection<string> patterns, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(mirrors.StateDirectory);
        var asked = patterns.Select(pattern => pattern.EndsWith('/') ? pattern + "*" : pattern);
        var command = new GitCommand(mirrors.StateDirectory, ["ls-remote", "--quiet", "--", access.Address.Text, .. asked]) { Access = access, Doing = "reading the references" };
        var references = new Dictionary<string, CommitId>(StringComparer.Ordinal);
        foreach (var line in (await mirrors.Git.RunAsync(command, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t', 2);
            if (fields is not [var id, var name] || !CommitId.TryParse(id, out var commit))
            {
                throw FailureException.Transient($"{access.Address.Display} answered with something that is no list of references");
            }

            // git matches the end of names too: other/refs/heads/main would come along
            if (ReferenceProtocol.IsAskedFor(name, patterns))
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
