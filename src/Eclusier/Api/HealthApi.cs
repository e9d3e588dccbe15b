using Eclusier.Api.Access;

namespace Eclusier.Api;

/// <summary>For load balancers and uptime checks: whether it lives, and whether it can work. Says nothing else, so that everybody may ask.</summary>
public static class HealthApi
{
    /// <summary>Needs a <see cref="Readiness"/> among the services.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).OpenToStrangers();
        routes.MapGet("/readyz", ReadyAsync).OpenToStrangers();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness)
    {
        var (isDatabaseOpen, isEngineThere) = await readiness.ReadAsync();
        return Results.Text(
            $"configuration yes\ndatabase {Word(isDatabaseOpen)}\nengine {Word(isEngineThere)}\n", // without a configuration nobody would answer
            statusCode: isDatabaseOpen && isEngineThere ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string Word(bool isSo) => isSo ? "yes" : "no";
}
