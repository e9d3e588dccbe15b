using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Eclusier.Api.Access;
using Eclusier.Core.Access;

namespace Eclusier.Dashboard.Sessions;

/// <summary>Who is signed in at the dashboard, in memory: a new start of the daemon signs everybody out.</summary>
internal sealed class DashboardSessions(TokenCheck tokens, TimeProvider timeProvider)
{
    /// <summary>How long a session lasts that nobody uses.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    private const int Bytes = 32;
    private const int Most = 500;
    private readonly ConcurrentDictionary<string, DashboardSession> sessions = new(StringComparer.Ordinal);

    public int Count => sessions.Count;

    /// <summary>Begins a session under a name that nobody could know before: one that was planted in the browser is worth nothing.</summary>
    public void Open(HttpContext context, Token token)
    {
        Close(context);
        ForgetOld();
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        var key = Token.HashOf(id);
        sessions[key] = new DashboardSession(key, token) { LastSeen = timeProvider.GetTimestamp() };
        SessionCookie.Write(context, id);
    }

    /// <returns><c>null</c>: there is no session, or no longer.</returns>
    public DashboardSession? Find(HttpContext context)
    {
        if (SessionCookie.Read(context) is not { } id || !sessions.TryGetValue(Token.HashOf(id), out var session))
        {
            return null;
        }

        if (timeProvider.GetElapsedTime(session.LastSeen) >= Idle || !tokens.StillCounts(session.Token))
        {
            sessions.TryRemove(session.Key, out _);
            return null;
        }

        session.LastSeen = timeProvider.GetTimestamp();
        return session;
    }

    public void Close(HttpContext context)
    {
        if (SessionCookie.Read(context) is { } id)
        {
            sessions.TryRemove(Token.HashOf(id), out _);
            SessionCookie.Delete(context);
        }
    }

    private void ForgetOld()
    {
        foreach (var session in sessions.Values.Where(session => timeProvider.GetElapsedTime(session.LastSeen) >= Idle))
        {
            sessions.TryRemove(session.Key, out _);
        }

        while (sessions.Count >= Most && sessions.Values.MinBy(session => session.LastSeen) is { } oldest)
        {
            sessions.TryRemove(oldest.Key, out _);
        }
    }
}
