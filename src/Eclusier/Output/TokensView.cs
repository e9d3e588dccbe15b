using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>The tokens there are.</summary>
internal sealed class TokensView(Times times)
{
    public Page Of(TokensReport report) => report.Tokens.Count == 0
        ? new Page().Sentence("there is no token")
        : new Page().Listing(
            ["NAME", "ROLE", "MADE", "LAST USED", "ENDS"],
            [.. report.Tokens.Select(token => (IReadOnlyList<Cell>)
            [
                new Cell(token.Name, Tone.Strong),
                token.Role,
                times.Absolute(token.CreatedAt),
                token.LastUsedAt is { } used ? times.Relative(used) : "never",
                token.ExpiresAt is not { } end ? "never" : token.Expired ? new Cell($"{times.Absolute(end)}, it is over", Tone.Bad) : times.Absolute(end),
            ])]);
}
