using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Tests.Api;

/// <summary>Tokens without a database.</summary>
internal sealed class InMemoryTokens : ITokenStore
{
    private readonly List<(Token Token, string Hash)> _tokens = [];

    /// <returns>The new token's text.</returns>
    public string Create(Role role, DateTimeOffset? expiresAt = null)
    {
        var text = Token.NewText();
        Add($"{role.ToWord()}-{_tokens.Count}", role, Token.HashOf(text), Some.Now, expiresAt);
        return text;
    }

    public IReadOnlyList<Token> ReadAll() => [.. _tokens.Select(entry => entry.Token)];

    public Token? Find(string hash) => _tokens.FirstOrDefault(entry => entry.Hash == hash).Token;

    public Token Add(string name, Role role, string hash, DateTimeOffset now, DateTimeOffset? expiresAt)
    {
        var token = new Token(_tokens.Count + 1, name, role, now, null, expiresAt);
        _tokens.Add((token, hash));
        return token;
    }

    public bool Remove(string name) => _tokens.RemoveAll(entry => entry.Token.Name == name) > 0;

    public void NoteUse(Token token, DateTimeOffset now) { }
}
