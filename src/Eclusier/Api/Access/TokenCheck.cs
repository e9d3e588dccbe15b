using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Api.Access;

/// <summary>Whether a text is a token that counts: for the bearer header, and for signing in.</summary>
internal sealed partial class TokenCheck(ITokenStore tokens, FailedAttempts failedAttempts, TimeProvider timeProvider, ILogger<TokenCheck> logger)
{
    private const int LongestText = 200;

    /// <returns><c>null</c>: it is none, or expired; that was noted with the address it came from.</returns>
    public Token? Find(HttpContext context, string text)
    {
        var token = text.Length <= LongestText ? tokens.Find(Token.HashOf(text)) : null;
        var now = timeProvider.GetUtcNow();
        if (token is null || token.IsExpired(now))
        {
            failedAttempts.Note(context, token is null ? "its token is none of those that exist" : $"the token {token.Name} has expired");
            return null;
        }

        NoteUse(token, now);
        return token;
    }

    /// <summary>Whether the token is still there: for who has shown it earlier.</summary>
    public bool StillCounts(Token token) => tokens.ReadAll().Any(known => known.Id == token.Id && !known.IsExpired(timeProvider.GetUtcNow()));

    private void NoteUse(Token token, DateTimeOffset now)
    {
        try
        {
            tokens.NoteUse(token, now);
        }
        catch (FailureException exception) // a full disk must not keep people out, who may be there to make space
        {
            Log.UseUnwritten(logger, token.Name, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "That the token {Name} was used could not be written down: {Reason}")]
        public static partial void UseUnwritten(ILogger logger, string name, string reason);
    }
}

/// <summary>By a token in the header <c>Authorization: Bearer …</c>.</summary>
internal sealed class BearerCaller(TokenCheck tokens) : ICallerSource
{
    private const string Scheme = "Bearer ";

    public ValueTask<Caller?> FindAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return ValueTask.FromResult(header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && tokens.Find(context, header[Scheme.Length..].Trim()) is { } token
            ? new Caller(token.Name, token.Role, context.RemoteAddress())
            : null);
    }
}
