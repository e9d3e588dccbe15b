using Eclusier.Core.Deployments;

namespace Eclusier.Core.Access;

/// <summary>The tokens that exist.</summary>
public interface ITokenStore
{
    /// <summary>By name.</summary>
    IReadOnlyList<Token> ReadAll();

    /// <returns>The token whose text has this hash, expired or not; <c>null</c>: none has.</returns>
    Token? Find(string hash);

    /// <exception cref="FailureException">Rejected: there is a token of this name.</exception>
    Token Add(string name, Role role, string hash, DateTimeOffset now, DateTimeOffset? expiresAt);

    /// <returns><c>false</c>: there is none of this name.</returns>
    bool Remove(string name);

    /// <summary>It was used; written down once an hour at most.</summary>
    void NoteUse(Token token, DateTimeOffset now);
}
