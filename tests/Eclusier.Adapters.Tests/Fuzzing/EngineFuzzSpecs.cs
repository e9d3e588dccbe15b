using System.Text;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>Answers of an engine, or of whatever sits at its socket.</summary>
public sealed class EngineFuzzSpecs : IAsyncLifetime
{
    private const string Version = """{"Version":"28.2.2","ApiVersion":"1.50","MinAPIVersion":"1.24"}""";

    private const string List = """[{"Id":"c1","Names":["/shop-web-1"],"Labels":{"com.docker.compose.project":"shop"},"Ports":[{"IP":"127.0.0.1","PrivatePort":80,"PublicPort":8080,"Type":"tcp"}],"State":"running"}]""";

    private const string Container = """
        {"Id":"c1","Name":"/shop-web-1","Image":"sha256:aa","RestartCount":0,"State":{"Status":"running","ExitCode":0,"OOMKilled":false,"Error":"","StartedAt":"2026-01-31T12:00:00.123456789Z","Health":{"Status":"healthy","Log":[{"Output":"ok"}]}},
        "Config":{"Image":"r.test/web@sha256:aa","Tty":false,"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}},"HostConfig":{"RestartPolicy":{"Name":"always"}},
        "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]},"Networks":{"default":{"NetworkID":"n1"}}}}
        """;

    private const string Image = """{"Id":"sha256:aa","RepoTags":["r.test/web:v1"],"RepoDigests":["r.test/web@sha256:aa"]}""";

    private static readonly ImageReference Web = ImageReference.TryParse($"r.test/web@sha256:{new string('a', 64)}", out var image) ? image : throw new InvalidOperationException();

    private readonly LabFolder folder = new();
    private readonly Dictionary<string, string> answers = [];
    private LabServer server = null!;
    private Adapters.DockerEngine.DockerEngine engine = null!;

    public async ValueTask InitializeAsync()
    {
        var socket = Path.Combine(folder.Path, "engine.sock");
        server = await LabServer.StartAtSocketAsync(socket, context =>
        {
            var path = context.Request.Path.Value!;
            return context.Response.WriteAsync(
                path.EndsWith("/version", StringComparison.Ordinal) ? answers["version"]
                : path.EndsWith("/containers/json", StringComparison.Ordinal) ? answers["list"]
                : path.Contains("/containers/", StringComparison.Ordinal) && path.EndsWith("/json", StringComparison.Ordinal) ? answers["container"]
                : path.EndsWith("/logs", StringComparison.Ordinal) ? answers["logs"]
                : path.EndsWith("/images/create", StringComparison.Ordinal) ? answers["pull"]
                : path.EndsWith("/info", StringComparison.Ordinal) ? answers["info"]
                : answers["image"]);
        });
        Answer();
        engine = new Adapters.DockerEngine.DockerEngine(
            new DockerCredentials(new CannedPrograms(_ => ""), folder.Path), TimeProvider.System, new DockerEngineOptions { Endpoint = $"unix://{socket}", PullProgressTimeLimit = TimeSpan.FromSeconds(5) });
    }

    public async ValueTask DisposeAsync()
    {
        engine.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("list", List)]
    [InlineData("container", Container)]
    [InlineData("image", Image)]
    [InlineData("info", """{"RegistryConfig":{"InsecureRegistryCIDRs":["127.0.0.0/8"],"IndexConfigs":{"r.test":{"Secure":false}}}}""")]
    public async Task Documents(string what, string sample)
    {
        await Fuzz.CheckAsync(CsCheck.Gen.OneOf(Fuzz.Json(sample), Fuzz.Text(sample)), async text =>
        {
            Answer();
            answers[what] = text;
            await AskAllAsync();
        });
    }

    [Fact]
    public Task Versions() => Fuzz.CheckAsync(CsCheck.Gen.OneOf(Fuzz.Json(Version), Fuzz.Text(Version)), async text =>
    {
        Answer();
        answers["version"] = text;
        using var other = new Adapters.DockerEngine.DockerEngine(
            new DockerCredentials(new CannedPrograms(_ => ""), folder.Path), TimeProvider.System, new DockerEngineOptions { Endpoint = $"unix://{Path.Combine(folder.Path, "engine.sock")}" });
        await other.ReadVersionAsync(CancellationToken.None);
    });

    [Fact]
    public Task The_progress_of_a_pull() => Fuzz.CheckAsync(
        Fuzz.Text("""
            {"status":"Pulling from web","id":"v1"}
            {"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"aa"}
            {"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}
            """),
        async text =>
        {
            Answer();
            answers["pull"] = text;
            await engine.PullAsync(Web, null, access: null, CancellationToken.None);
        });

    [Fact]
    public Task Logs() => Fuzz.CheckAsync(
        Fuzz.Text("\u0001\0\0\0\0\0\0\u00252026-01-31T12:00:00.123456789Z hello!\n\u0002\0\0\0\0\0\0\u0001x", "\u0001\0\0\0\u007f\u007f\u007f\u007f2026-01-31T12:00:00Z"),
        async text =>
        {
            Answer();
            answers["logs"] = text;
            await engine.ReadLogsAsync(new LiveContainer { Id = "c1", Name = "shop-web-1", Service = "web", State = "running", ImageId = "sha256:aa" }, 20, CancellationToken.None);
        });

    [Fact]
    public void Words_about_a_pull() => Fuzz.Check(
        Fuzz.Text("manifest for r.test/web:v1 not found: manifest unknown", "Get \"https://r.test/v2/?a=b\": x509: certificate", "toomanyrequests: slow down"),
        text => Assert.NotEmpty(EngineFailures.OfPull(Web, null, text, null, hasLogin: false).Message));

    private void Answer()
    {
        answers["version"] = Version;
        answers["list"] = List;
        answers["container"] = Container;
        answers["image"] = Image;
        answers["logs"] = "";
        answers["pull"] = "";
        answers["info"] = "{}";
    }

    private async Task AskAllAsync()
    {
        Func<Task>[] questions =
        [
            () => engine.ObserveAsync("shop", CancellationToken.None), () => engine.FindImageAsync("r.test/web:v1", CancellationToken.None), () => engine.ReadInsecureRegistriesAsync(CancellationToken.None),
        ];
        foreach (var question in questions)
        {
            try
            {
                await question();
            }
            catch (FailureException)
            {
                // classified: the next question is asked
            }
        }
    }
}
