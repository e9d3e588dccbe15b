using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Operations;

/// <summary>A token that exists.</summary>
/// <param name="Role"><c>read</c>, <c>operate</c> or <c>admin</c>.</param>
/// <param name="LastUsedAt">To the hour; <c>null</c>: never.</param>
/// <param name="ExpiresAt"><c>null</c>: never.</param>
public sealed record TokenReport(string Name, string Role, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, bool Expired)
{
    public static TokenReport Of(Token token, DateTimeOffset now) => new(token.Name, token.Role.ToWord(), token.CreatedAt, token.LastUsedAt, token.ExpiresAt, token.IsExpired(now));
}

public sealed record TokensReport(IReadOnlyList<TokenReport> Tokens);

/// <summary>A token that was just made.</summary>
/// <param name="Text">The token itself, told this once.</param>
public sealed record NewTokenReport(string Name, string Role, DateTimeOffset? ExpiresAt, string Text);

/// <summary>Newest first.</summary>
public sealed record AuditReport(IReadOnlyList<AuditLine> Entries);

/// <summary>Something that somebody had done.</summary>
/// <param name="Who">A token's name, <c>uid 1000</c>, or who a proxy has signed in.</param>
/// <param name="From">An address, <c>socket</c>, or <c>local</c>: a command without a daemon.</param>
/// <param name="Detail">How; may be empty.</param>
/// <param name="Reason">Why, as they said; may be empty.</param>
/// <param name="Result">What became of it; <c>null</c>: it goes on, or the agent died meanwhile.</param>
public sealed record AuditLine(DateTimeOffset At, string Who, string Role, string From, string Action, string? Stack, string Detail, string Reason, DateTimeOffset? EndedAt, string? Result)
{
    public static AuditLine Of(AuditEntry entry) => new(
        entry.At, entry.What.Caller.Name, entry.What.Caller.Role.ToWord(), entry.What.Caller.From, entry.What.Action, entry.What.Stack?.Value, entry.What.Detail, entry.What.Reason,
        entry.EndedAt, entry.Result);
}
