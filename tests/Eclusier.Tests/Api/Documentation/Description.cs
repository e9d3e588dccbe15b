using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Output;
using Microsoft.AspNetCore.Routing;

namespace Eclusier.Tests.Api.Documentation;

/// <summary>The API's OpenAPI document, made from the routes of a running daemon, the types of its answers, and <see cref="Operations"/>.</summary>
internal static partial class Description
{
    public static JsonObject Make(IReadOnlyList<RouteEndpoint> endpoints)
    {
        var schemas = new Schemas();
        var paths = new JsonObject();
        foreach (var operation in Operations.All)
        {
            var role = endpoints.Single(endpoint => Is(endpoint, operation)).Metadata.GetMetadata<AccessRule>()!.Role;
            var path = paths[operation.Path] as JsonObject ?? [];
            paths[operation.Path] = path;
            path[operation.Method.ToLowerInvariant()] = Of(operation, role, schemas);
        }

        schemas.Of(AgentJson.Readable.ProgressLine);
        schemas.Of(AgentJson.Readable.StackStatus);
        var error = schemas.Of(AgentJson.Readable.ErrorDocument);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Eclusier",
                ["version"] = "v1",
                ["description"] = "What the command line can do, over HTTP. Within v1 names stay and are only added to: leave alone what you do not know. What has no value is left out.",
            },
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "Made by `eclusier token create`. Through the Unix socket none is needed." },
                },
                ["responses"] = new JsonObject { ["Error"] = new JsonObject { ["description"] = "What is wrong, in a sentence.", ["content"] = Content("application/json", error) } },
                ["schemas"] = schemas.All,
            },
        };
    }

    public static string ToText(JsonObject document) =>
        document.ToJsonString(new JsonSerializerOptions(AgentJson.Readable.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";

    public static bool Is(RouteEndpoint endpoint, Operation operation) =>
        PathOf(endpoint) == operation.Path && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(operation.Method);

    public static string PathOf(RouteEndpoint endpoint) => $"/{endpoint.RoutePattern.RawText!.Trim('/')}";

    private static JsonObject Of(Operation operation, Role? role, Schemas schemas)
    {
        var description = new JsonObject { ["summary"] = operation.Summary };
        if (operation.Description.Length > 0)
        {
            description["description"] = operation.Description.ReplaceLineEndings(" ");
        }

        description["operationId"] = IdOf(operation);
        description["x-role"] = role?.ToWord() ?? "nobody in particular";
        if (role is null)
        {
            description["security"] = new JsonArray();
        }

        var parameters = new JsonArray([.. Parameters(operation)]);
        if (parameters.Count > 0)
        {
            description["parameters"] = parameters;
        }

        if (operation.Body is { } body)
        {
            var content = Content("application/json", schemas.Of(body));
            content["application/json"]!["example"] = JsonNode.Parse(operation.Example);
            description["requestBody"] = new JsonObject { ["required"] = operation.RequiredInBody.Count > 0, ["content"] = content };
            if (operation.RequiredInBody.Count > 0)
            {
                schemas.Require(body, operation.RequiredInBody);
            }
        }

        description["responses"] = Responses(operation, role, schemas);
        return description;
    }

    private static IEnumerable<JsonObject> Parameters(Operation operation)
    {
        foreach (Match match in InBraces().Matches(operation.Path))
        {
            var name = match.Groups[1].Value;
            yield return new JsonObject
            {
                ["name"] = name,
                ["in"] = "path",
                ["required"] = true,
                ["description"] = name switch { "name" => "The stack.", "token" => "The token's name.", _ => "The release's number." },
                ["schema"] = name == "number" ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 } : new JsonObject { ["type"] = "string" },
            };
        }

        foreach (var parameter in operation.Query)
        {
            yield return new JsonObject { ["name"] = parameter.Name, ["in"] = "query", ["description"] = parameter.Description, ["required"] = parameter.Sample is not null, ["schema"] = parameter.Schema.DeepClone() };
        }

        if (operation.Method != "GET" && !operation.Path.EndsWith("/plan", StringComparison.Ordinal))
        {
            yield return new JsonObject { ["name"] = "X-Reason", ["in"] = "header", ["description"] = "Why, for the audit; where there is a body, its `reason` counts more.", ["schema"] = new JsonObject { ["type"] = "string", ["maxLength"] = 1000 } };
        }
    }

    private static JsonObject Responses(Operation operation, Role? role, Schemas schemas)
    {
        var responses = new JsonObject
        {
            [$"{operation.Status}"] = new JsonObject
            {
                ["description"] = operation.Status switch { 201 => "Made.", 202 => "Will be done.", _ => "Done." },
                ["content"] = Content(operation.AnswerMedia, operation.Answer is { } answer ? schemas.Of(answer) : operation.AnswerMedia == "application/json" ? new JsonObject { ["type"] = "object" } : new JsonObject { ["type"] = "string" }),
            },
        };
        int[] errors = role is null ? operation.Path == "/readyz" ? [503] : []
            : [.. operation.Body is not null || operation.Query.Count > 0 || operation.IsOfStack ? new[] { 400 } : [], 401, 403, .. operation.Path.Contains('{') ? new[] { 404 } : [], .. operation.Method == "GET" ? Array.Empty<int>() : [409], 429, 503];
        foreach (var status in errors)
        {
            responses[$"{status}"] = role is null
                ? new JsonObject { ["description"] = "Not all.", ["content"] = Content("text/plain", new JsonObject { ["type"] = "string" }) }
                : new JsonObject { ["$ref"] = "#/components/responses/Error" };
        }

        return responses;
    }

    private static JsonObject Content(string media, JsonObject schema) => new() { [media] = new JsonObject { ["schema"] = schema } };

    /// <summary><c>POST /api/v1/stacks/{name}/deploy</c> is <c>postStackDeploy</c>.</summary>
    private static string IdOf(Operation operation) => operation.Method.ToLowerInvariant() + string.Concat(
        operation.Path.Replace("/api/v1", "").Replace("/stacks/{name}", "/stack").Replace("/releases/{number}", "/release").Replace("/tokens/{token}", "/token").Replace(".json", "")
            .Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex InBraces();
}
