using System.Text.RegularExpressions;

namespace Eclusier.Core.Sources;

/// <summary>A full commit hash: 40 hexadecimal digits (SHA-1) or 64 (SHA-256), lower case.</summary>
public sealed partial record CommitId
{
    private CommitId(string value) => Value = value;

    /// <summary>Stands for the commit of a release that was taken over from outside git.</summary>
    public static CommitId None { get; } = new(new string('0', 40));

    public string Value { get; }

    /// <summary>The first 7 characters, as people write it.</summary>
    public string Short => Value[..7];

    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CommitId? id)
    {
        id = text is not null && Rule().IsMatch(text) ? new CommitId(text) : null;
        return id is not null;
    }

    /// <exception cref="FormatException">The text is not a full commit hash.</exception>
    public static CommitId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a full commit hash (40 hexadecimal digits)");

    public override string ToString() => Value;

    [GeneratedRegex(@"^([0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex Rule();
}

/// <summary>What a source's selector points to now, as the server tells it, before anything is fetched.</summary>
/// <param name="RefName">The branch's or tag's name without <c>refs/…/</c>, or the short commit for a fixed commit.</param>
public sealed record Head(string RefName, CommitId Commit);

/// <summary>One exact state of a repository, fetched into the mirror.</summary>
public sealed record Revision(string RefName, CommitId Commit, string Author, DateTimeOffset Date, string Subject)
{
    /// <summary>Puts this revision in the place of <c>{branch}</c>, <c>{commit}</c> and <c>{commit7}</c>.</summary>
    public string Fill(string text) => text
        .Replace("{branch}", RefName, StringComparison.Ordinal)
        .Replace("{commit}", Commit.Value, StringComparison.Ordinal)
        .Replace("{commit7}", Commit.Short, StringComparison.Ordinal);

    public override string ToString() => $"{RefName}@{Commit.Short}";
}
