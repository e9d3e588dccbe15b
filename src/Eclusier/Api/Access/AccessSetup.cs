using Eclusier.Core.Access;
using Microsoft.AspNetCore.HttpOverrides;

namespace Eclusier.Api.Access;

/// <summary>Puts the guard before every endpoint.</summary>
public static class AccessSetup
{
    /// <summary>Needs an <see cref="ITokenStore"/> and a <see cref="TimeProvider"/> among the services. More ways of being known are further <see cref="ICallerSource"/>s.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, ApiSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<FailedAttempts>()
        .AddSingleton<TokenCheck>()
        .AddSingleton<ICallerSource, SocketCaller>()
        .AddSingleton<ICallerSource, BearerCaller>()
        .AddSingleton<ICallerSource, ProxyCaller>()
        .AddSingleton<AccessGuard>();

    /// <summary>To be called before anything else that answers.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<ApiSettings>();
        if (settings.TrustedProxies.Count > 0)
        {
            app.UseWhen(context => context.UnixSocket() is null, branch => branch.Use(RememberPeer(settings)).UseForwardedHeaders(Believing(settings)));
        }

        var guard = app.Services.GetRequiredService<AccessGuard>();
        app.Use(next => context => guard.InvokeAsync(context, next));
    }

    private static Func<RequestDelegate, RequestDelegate> RememberPeer(ApiSettings settings) => next => context =>
    {
        var address = context.Connection.RemoteIpAddress;
        context.Features.Set(new Peer(address, settings.IsTrustedProxy(address)));
        return next(context);
    };

    private static ForwardedHeadersOptions Believing(ApiSettings settings)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in settings.TrustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        return options;
    }
}
