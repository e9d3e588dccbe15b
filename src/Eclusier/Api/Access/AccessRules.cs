using Eclusier.Core.Access;

namespace Eclusier.Api.Access;

/// <summary>What an endpoint asks of its caller. One that says neither is closed to all.</summary>
internal sealed record AccessRule
{
    /// <summary><c>null</c>: everybody may, also strangers.</summary>
    public required Role? Role { get; init; }

    /// <summary>The endpoint finds out by itself who asks: what it is given for that is none of our tokens, and no failed attempt.</summary>
    public bool HasOwnCheck { get; init; }

    /// <summary>What a stranger gets instead of the plain refusal: a page to sign in.</summary>
    public RequestDelegate? AnswerStranger { get; init; }
}

/// <summary>Says at each route who may use it.</summary>
public static class AccessRules
{
    /// <summary>Only callers with this role, or a higher one; the rule nearest to the route counts.</summary>
    /// <param name="answerStranger">What somebody unknown gets instead of 401.</param>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoint, Role role, RequestDelegate? answerStranger = null)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule { Role = role, AnswerStranger = answerStranger });

    /// <summary>Strangers too: the endpoint has a check of its own, a signature.</summary>
    public static TBuilder HasOwnCheck<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule { Role = null, HasOwnCheck = true });

    /// <summary>Strangers too: only for what tells nothing.</summary>
    public static TBuilder OpenToStrangers<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule { Role = null });
}
