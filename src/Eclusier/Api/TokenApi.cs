using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Operations;
using Eclusier.Output;
using static Eclusier.Api.Requests;
using Words = Eclusier.Core.Deployments.Words;

namespace Eclusier.Api;

/// <summary>Tokens and the audit: for admins.</summary>
internal static class TokenApi
{
    private const int LongestAudit = 1000;

    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", AuditAsync).RequireRole(Role.Admin);
        api.MapGet("/tokens", ListAsync).RequireRole(Role.Admin);
        api.MapPost("/tokens", CreateAsync).RequireRole(Role.Admin);
        api.MapDelete("/tokens/{token}", RevokeAsync).RequireRole(Role.Admin);
    }

    private static async Task<IResult> AuditAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).AuditAsync(context.Whole("limit", 50, LongestAudit), aborted), AgentJson.Readable.AuditReport);

    private static async Task<IResult> ListAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).TokensAsync(aborted), AgentJson.Readable.TokensReport);

    private static async Task<IResult> CreateAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted)
    {
        var request = await context.BodyAsync(AgentJson.Readable.TokenRequest);
        if (request?.Name is not { } name || !Words.TryParse<Role>(request.Role ?? "", out var role))
        {
            throw ApiException.BadRequest("a name and a role (read, operate or admin) are required: {\"name\":\"ci\",\"role\":\"operate\"}");
        }

        return Json(await context.AgentOf(agentFor, request.Reason).CreateTokenAsync(name, role, request.ExpiresAt, aborted), AgentJson.Readable.NewTokenReport, StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, string token, AgentFor agentFor, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).RevokeTokenAsync(token, aborted), AgentJson.Readable.TokensReport);
}
