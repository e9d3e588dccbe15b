using System.Text.Json.Nodes;
using Eclusier.Adapters.Compose;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>What <c>docker compose</c> prints: another version of it than those that were tried may print something else.</summary>
public sealed class ComposeFuzzSpecs : IDisposable
{
    private const string Model = """
        {"name":"shop","services":{"web":{"image":"r.test/web:v1","build":{"context":"/w"},"command":null,"environment":{"A":"b"},"env_file":[{"path":".env"}],"deploy":{"replicas":2},"scale":1,
        "ports":[{"mode":"ingress","host_ip":"127.0.0.1","target":80,"published":"8080","protocol":"tcp"}],"volumes":[{"type":"bind","source":"/w/data","target":"/d"},{"type":"volume","source":"db","target":"/v"}],
        "configs":[{"source":"app","target":"/app"}],"secrets":[{"source":"key"}],"networks":{"default":null},"labels":{"a":"b"},"network_mode":"service:db","pull_policy":"never"},"db":{"image":"r.test/db@sha256:aa"}},
        "networks":{"default":{"name":"shop_default","ipam":{}}},"volumes":{"db":{"name":"shop_db"}},"configs":{"app":{"file":"/w/app.conf","environment":"APP"}},"secrets":{"key":{"environment":"KEY"}}}
        """;

    private static readonly Stack Stack = new(StackName.Parse("shop"), new Source("/srv/shop.git", new RevisionSelector.Branch("main")));

    private readonly LabFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Models(bool isJson)
    {
        folder.Write("tree/compose.yaml", "services: { web: { image: r.test/web:v1 } }");
        var revision = new Revision("main", CommitId.None, "Ada", DateTimeOffset.UnixEpoch, "A change");
        var tree = new StagedTree(Path.Combine(folder.Path, "tree"), new Dictionary<string, string>());
        await Fuzz.CheckAsync(isJson ? Fuzz.Json(Model) : Fuzz.Text(Model), async text =>
        {
            var compose = ComposeThatPrints(text);
            var model = (await compose.RenderAsync(Stack, revision, tree, CancellationToken.None)).Model;
            ContentLabels.Add(model, folder.Path, tree.ObjectIds);
            ModelHash.Of(model);
            foreach (var (name, service) in ComposeModel.ServicesOf(model))
            {
                ComposeModel.ImageOf("shop", name, service);
                ComposeModel.ReplicasOf(service);
                ComposeModel.PublishedPortsOf(service);
                ComposeModel.IsBuilt(service);
                ComposeModel.IsLocalOnly(service);
            }

            await compose.ReadConfigHashesAsync(model, CancellationToken.None);
        });
    }

    [Fact]
    public Task Hashes() => Fuzz.CheckAsync(
        Fuzz.Text("web 0123456789abcdef\ndb fedcba9876543210\n", "db 0123456789abcdef\ndb 0123456789abcdef\n"),
        text => ComposeThatPrints(text).ReadConfigHashesAsync((JsonObject)JsonNode.Parse(Model)!, CancellationToken.None));

    [Fact]
    public void Complaints() => Fuzz.Check(
        Fuzz.Text(
            "time=\"2026-11-24T12:00:00Z\" level=warning msg=\"The \\\"X\\\" variable is not set. Defaulting to a blank string.\"\nvalidating /w/compose.yaml: services.web Additional property portz is not allowed",
            " Container shop-web-1  Error\nError response from daemon: driver failed programming external connectivity on endpoint shop-web-1: Bind for 127.0.0.1:80 failed: port is already allocated",
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"),
        text =>
        {
            var result = new ProcessResult(1, "", text, TimeSpan.Zero);
            ComposeWarnings.Of(text);
            Assert.NotEmpty(ComposeFailures.OfUp(result).Message);
            Assert.NotEmpty(ComposeFailures.OfConfig(result, "compose.yaml").Message);
            Assert.NotEmpty(ComposeFailures.OfBuild(result).Message);
        });

    private ComposeProgram ComposeThatPrints(string text)
    {
        var programs = new CannedPrograms(_ => text);
        return new ComposeProgram(programs, new GitWorkTree(new GitMirrors(folder.Path, programs, TimeProvider.System, NullLogger<GitMirrors>.Instance), NullLogger<GitWorkTree>.Instance));
    }
}
