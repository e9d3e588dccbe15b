using Eclusier.Api.Access;
using Eclusier.Core.Access;

namespace Eclusier.Dashboard.Sessions;

/// <summary>Whoever has signed in at the dashboard.</summary>
internal sealed class SessionCaller(DashboardSessions sessions) : ICallerSource
{
    public ValueTask<Caller?> FindAsync(HttpContext context)
    {
        if (sessions.Find(context) is not { } session)
        {
            return ValueTask.FromResult<Caller?>(null);
        }

        context.Features.Set(session);
        return ValueTask.FromResult<Caller?>(new Caller(session.Token.Name, session.Token.Role, context.RemoteAddress()));
    }
}
