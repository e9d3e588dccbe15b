using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Core.Access;
using Json.Schema;
using Microsoft.AspNetCore.Routing;

namespace Eclusier.Tests.Api.Documentation;

/// <summary>What the API says of itself is what it does.</summary>
/// <remarks>With ECLUSIER_REWRITE_DOCS=1 in the environment the document is written anew instead of compared.</remarks>
public sealed class OpenApiSpecs : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient _http = new();
    private Daemon _daemon = null!;
    private JsonObject _document = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Tried => [.. Operations.All.Select(operation => (operation.Method, operation.Path))];

    public static TheoryData<string, string, string, string> WrongParameters =>
        [.. Operations.All.SelectMany(operation => operation.Query.Where(parameter => parameter.Wrong is not null).Select(parameter => (operation.Method, operation.FilledPath, parameter.Name, parameter.Wrong!)))];

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0");
        _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {_daemon.Tokens.Create(Role.Admin)}");
        _document = Description.Make(Endpoints);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Pages for people are no part of it.</summary>
    private IReadOnlyList<RouteEndpoint> Endpoints => [.. _daemon.Endpoints.Where(endpoint => Description.PathOf(endpoint) is "/healthz" or "/readyz" || Description.PathOf(endpoint).StartsWith("/api/", StringComparison.Ordinal))];

    [Fact]
    public void Every_route_is_described_and_no_other() => Assert.Equal(
        Endpoints.SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{Description.PathOf(endpoint)} {method}")).Order(StringComparer.Ordinal),
        Operations.All.Select(operation => $"{operation.Path} {operation.Method}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task What_is_served_is_the_document_of_these_routes()
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../../docs/openapi.json"));
        if (Environment.GetEnvironmentVariable("ECLUSIER_REWRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, Description.ToText(_document), Cancellation);
            return;
        }

        Assert.True(Description.ToText(_document) == await File.ReadAllTextAsync(path, Cancellation), "docs/openapi.json differs from the routes: run the tests once with ECLUSIER_REWRITE_DOCS=1 and look at the change");
        Assert.Equal(Description.ToText(_document), await _http.GetStringAsync(Address + "/api/v1/openapi.json", Cancellation));
    }

    [Theory]
    [MemberData(nameof(Tried))]
    public async Task What_is_answered_is_what_is_described(string method, string path)
    {
        var operation = Operations.All.Single(operation => operation.Method == method && operation.Path == path);
        using var answer = await AskAsync(operation.Method, operation.SamplePath, operation.Example);

        Assert.Equal((operation.Status, operation.AnswerMedia), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        if (operation.AnswerMedia == "text/event-stream")
        {
            await AssertEventAsync(answer);
        }
        else if (operation.Answer is { } type)
        {
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.All(operation.AnswerMedia == "application/json" ? [text] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => AssertValid(type.Type.Name, line));
        }
    }

    [Theory]
    [MemberData(nameof(WrongParameters))]
    public async Task A_parameter_that_is_described_is_read(string method, string path, string parameter, string wrong)
    {
        using var answer = await AskAsync(method, $"{path}?{parameter}={wrong}", "");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(400, (int)answer.StatusCode);
        AssertValid("ErrorDocument", text);
        Assert.Contains($"'{parameter}'", text);
    }

    [Fact]
    public async Task What_a_body_must_have_is_asked_for()
    {
        foreach (var operation in Operations.All.Where(operation => operation.Body is not null))
        {
            using var answer = await AskAsync(operation.Method, operation.SamplePath, "{}");
            Assert.Equal(operation.RequiredInBody.Count > 0 ? 400 : operation.Status, (int)answer.StatusCode);

            using var broken = await AskAsync(operation.Method, operation.SamplePath, "[]");
            Assert.Equal(400, (int)broken.StatusCode); // each reads its body
            AssertValid("ErrorDocument", await broken.Content.ReadAsStringAsync(Cancellation));
            AssertValid(operation.Body!.Type.Name, operation.Example);
        }
    }

    private string Address => _daemon.Addresses.Single(address => address.Contains("127.0.0.1"));

    private async Task AssertEventAsync(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        for (var line = await reader.ReadLineAsync(Cancellation); line is not null; line = await reader.ReadLineAsync(Cancellation))
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                AssertValid("StackStatus", line["data: ".Length..]);
                return;
            }
        }

        Assert.Fail("there was no event");
    }

    private void AssertValid(string schema, string json)
    {
        var strict = (JsonObject)_document["components"]!["schemas"]!.DeepClone();
        foreach (var (_, one) in strict)
        {
            if (one!["properties"] is not null)
            {
                one["additionalProperties"] = false; // a name that nobody has described
            }
        }

        var root = new JsonObject { ["$ref"] = $"#/$defs/{schema}", ["$defs"] = strict };
        var result = JsonSchema.FromText(root.ToJsonString().Replace("#/components/schemas/", "#/$defs/")).Evaluate(JsonDocument.Parse(json).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(result.IsValid, $"{json}\nis no {schema}: {string.Join("; ", (result.Details ?? []).Where(detail => detail.Errors is not null).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")))}");
    }

    private async Task<HttpResponseMessage> AskAsync(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Address + path);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
