using System.Text.RegularExpressions;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Operations;

/// <summary>Gives tokens and takes them away.</summary>
public sealed partial class TokenDesk(ITokenStore tokens, TimeProvider timeProvider)
{
    public TokensReport List()
    {
        var now = timeProvider.GetUtcNow();
        return new TokensReport([.. tokens.ReadAll().Select(token => TokenReport.Of(token, now))]);
    }

    /// <exception cref="RequestException">The name is none, or taken; the end is in the past.</exception>
    public NewTokenReport Create(string name, Role role, DateTimeOffset? expiresAt)
    {
        var now = timeProvider.GetUtcNow();
        if (!Name().IsMatch(name))
        {
            throw new RequestException($"'{name}' is not a token's name: letters, digits, '-', '_', '.' and '@', 1 to 63 of them, beginning with a letter or digit");
        }

        if (expiresAt <= now)
        {
            throw new RequestException($"a token that ends at {expiresAt.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC would have ended already");
        }

        var text = Token.NewText();
        try
        {
            tokens.Add(name, role, Token.HashOf(text), now, expiresAt?.ToUniversalTime());
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new RequestException(exception.Message);
        }

        return new NewTokenReport(name, role.ToWord(), expiresAt, text);
    }

    /// <returns>Those that are left.</returns>
    /// <exception cref="RequestException">There is none of this name.</exception>
    public TokensReport Revoke(string name)
    {
        if (!tokens.Remove(name))
        {
            var names = string.Join(", ", tokens.ReadAll().Select(token => token.Name));
            throw new RequestException($"there is no token '{name}'; {(names.Length == 0 ? "there is none at all" : $"there are: {names}")}");
        }

        return List();
    }

    /// <remarks>Without spaces: so it cannot pass for <c>uid 0</c> in the audit.</remarks>
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}\z")]
    private static partial Regex Name();
}
