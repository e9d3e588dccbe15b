namespace Eclusier.Api;

/// <summary>The API's description for programs: a file made from the routes, which a test holds to what the API really does. Made while running it would cost memory for ever.</summary>
internal static class OpenApi
{
    public const string Resource = "openapi.json";

    public static void MapOpenApi(this IEndpointRouteBuilder api) => api.MapGet("/openapi.json", () => Results.Stream(Open(), "application/json"));

    public static Stream Open() => typeof(OpenApi).Assembly.GetManifestResourceStream(Resource)!;
}
