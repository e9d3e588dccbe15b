using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Acceptance;

/// <summary>A host laid out like KoproGo's, with the configuration of <c>docs/fr/koprogo.md</c>: what that page promises happens.</summary>
public sealed partial class KoproGoSpecs : IAsyncDisposable
{
    private const string Owner = "4321"; // user and group of the clone, as koprogo is on their host

    private readonly ConcurrentQueue<string> told = new();
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly EclusierHost host = new();
    private readonly int port = FreePort.Take();
    private readonly string stack;
    private readonly string project;
    private readonly string clone;
    private readonly GitRepository repository;
    private Registry registry = null!;
    private SampleImages images = null!;
    private LabServer front = null!;
    private LabServer discord = null!;
    private X509Certificate2 certificate = null!;
    private int backendRound;

    public KoproGoSpecs()
    {
        stack = "koprogo";
        project = host.NewStack("production");
        host.CleansUp(stack);
        clone = Path.Combine(host.Folder, "home", "koprogo");
        repository = GitRepository.Create(Path.Combine(host.Folder, "git", "koprogo.git"));
    }

    [Fact]
    public async Task Their_page_row_by_row()
    {
        await PrepareAsync();
        var before = await DockerCli.RunningIdsAsync(project);

        // migrating: nothing is recreated
        (await host.RunAsync("config", "check")).Succeeded();
        var plan = await host.RunAsync("plan");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        var doctor = await host.RunAsync("doctor");
        Assert.True(doctor.ExitCode == 0, doctor.ToString());
        var first = await host.RunAsync("deploy", stack);
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Equal(before, await DockerCli.RunningIdsAsync(project));
        await host.StartAsync();

        // the images of a commit come late: they are waited for, and nothing else is deployed in their place
        var late = Commit("Paiement des charges");
        var waiting = await host.AwaitStatusAsync(stack, "the images are waited for", status => status.State == "waiting", cancellationToken: Token);
        Assert.NotNull(waiting.Trouble?.Until);
        Assert.Equal("backend v1", await AnswerAsync());
        await PushImagesAsync(late, "v2");
        await ExpectAsync("committed", late);
        Assert.Equal("backend v2", await AnswerAsync());

        // `latest` of Traefik moves, then five commits at once, the last one bad: back to what worked, with its very images
        var good = await DockerCli.ContainersAsync(project);
        await images.PushAsync("traefik", "latest", new Behaviour("traefik", "moved"));
        string[] five = [.. Enumerable.Range(3, 5).Select(number => Commit($"Travail {number}", push: false))];
        foreach (var (commit, number) in five.Select((commit, index) => (commit, index + 3)))
        {
            await PushImagesAsync(commit, $"v{number}", isBad: number == 7);
        }

        repository.Push();
        var failed = await ExpectAsync("rolled-back", five[^1]);
        Assert.Contains("503", failed.Reason);
        Assert.Equal("backend v2", await AnswerAsync());
        Assert.Equal(Images(good), Images(await DockerCli.ContainersAsync(project)));
        await Wait.ForAsync("the team is told", TimeSpan.FromSeconds(30), () => told.Any(body => body.Contains("Travail 7", StringComparison.Ordinal)), isTold => isTold, Token);
        var status = await host.StatusAsync(stack);
        Assert.Equal(("rolled-back", late, 1), (status.State, status.LastKnownGood?.Commit, status.Quarantined.Count));

        // it is not tried again; a manual deployment says so, and the next good commit goes out by itself
        Assert.Equal(4, (await host.RunAsync("deploy", stack)).ExitCode);
        Assert.Single((await host.HistoryAsync(stack)).Deployments, deployment => deployment.Commit == five[^1] && deployment.Result == "rolled-back");

        // somebody edits a tracked file in the clone
        await File.AppendAllTextAsync(Path.Combine(clone, "deploy/production/docker-compose.yml"), "# modifié à la main\n", Token);
        var fixedOne = Commit("Correction", push: false);
        await PushImagesAsync(fixedOne, "v8");
        repository.Push();
        await ExpectAsync("committed", fixedOne);
        Assert.Equal("backend v8", await AnswerAsync());
        var patch = Assert.Single(Directory.GetFiles(Path.Combine(host.StateDirectory, "stacks", stack, "local-changes")));
        Assert.Contains("+# modifié à la main", await File.ReadAllTextAsync(patch, Token));

        // by hand, at once
        var manual = Commit("À la main", push: false);
        await PushImagesAsync(manual, "v9");
        repository.Push();
        var deployed = await host.RunAsync("deploy", stack);
        Assert.True(deployed.ExitCode == 0, deployed.ToString());
        Assert.Equal("backend v9", await AnswerAsync());

        // the host's own file and the owners are as they were, and the database was never touched
        Assert.Equal("DOMAIN=example.org\nPOSTGRES_PASSWORD=s3cret\n", await File.ReadAllTextAsync(Path.Combine(clone, "deploy/production/.env"), Token));
        Assert.Equal("", await Tool.RunAsync("find", clone, "!", "-user", Owner));
        Assert.Equal(before["postgres"], (await DockerCli.RunningIdsAsync(project))["postgres"]);
        Assert.Contains("committed", (await host.RunAsync("stats")).Succeeded());
        Assert.Contains(host.Journal, line => line.Contains($"{stack}: Checking for updates", StringComparison.Ordinal));

        // the way back: the clone is on its branch, clean, and the old script can go on
        Assert.Equal(0, await host.StopAsync());
        Assert.Equal(("main", manual), (GitInClone("branch", "--show-current"), GitInClone("rev-parse", "HEAD")));
        Assert.Equal("?? deploy/production/.env", GitInClone("status", "--porcelain"));
        var script = Commit("Avec le script");
        await PushImagesAsync(script, "v10");
        GitInClone("pull", "--quiet", "--ff-only", "origin", "main");
        await UpByHandAsync(script);
        await Wait.ForAsync("the script's version answers", TimeSpan.FromSeconds(30), AnswerAsync, answer => answer == "backend v10", Token);
    }

    [Fact]
    public async Task What_init_proposes_for_it_is_what_the_page_says()
    {
        await PrepareAsync();
        File.Delete(host.ConfigFile);

        (await host.RunAsync("init", clone, "--yes", "--set", $"state_dir={host.StateDirectory}")).Succeeded();

        var written = (await File.ReadAllTextAsync(host.ConfigFile, Token)).Split('\n').Select(line => line.Split(" #")[0].Trim()).ToList();
        Assert.Equal(
            ["koprogo:", $"repository: {repository.Bare}", "branch: main", "directory: deploy/production", $"checkout: {clone}", $"project: {project}", "environment:", "IMAGE_TAG: \"main-{commit7}\""],
            written.SkipWhile(line => line != "koprogo:").Take(8));
        Assert.Contains("#     - http: https://api.example.org/health", await File.ReadAllTextAsync(host.ConfigFile, Token));
        Assert.DoesNotContain("s3cret", string.Join('\n', written));
        var plan = await host.RunAsync("plan");
        Assert.True(plan.ExitCode == 0, plan.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        foreach (var part in new IAsyncDisposable?[] { front, discord, registry })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        images?.Dispose();
        certificate?.Dispose();
        client.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What their script left: a clone of another user with its `.env`, a project that runs, started with IMAGE_TAG in the environment.</summary>
    private async Task PrepareAsync()
    {
        registry = await Registry.StartAsync();
        host.CleansUpImagesOf(registry.Host);
        images = new SampleImages(registry.Host);
        certificate = LabServer.CreateCertificate("traefik.default", TimeSpan.FromDays(30));
        front = await LabServer.StartAsync(ForwardAsync, certificate);
        discord = await LabServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            told.Enqueue(Regex.Unescape(await reader.ReadToEndAsync()));
        });
        await images.PushAsync("traefik", "latest", new Behaviour("traefik", "v1"));
        await images.PushAsync("postgres", "16", new Behaviour("postgres", "16") { Mode = "sleep" });
        var begin = Commit("Début");
        await PushImagesAsync(begin, "v1");

        Directory.CreateDirectory(Path.GetDirectoryName(clone)!);
        GitRepository.GitIn(host.Folder, "clone", "--quiet", repository.Bare, clone);
        await File.WriteAllTextAsync(Path.Combine(clone, "deploy/production/.env"), "DOMAIN=example.org\nPOSTGRES_PASSWORD=s3cret\n", Token);
        await UpByHandAsync(begin);
        await Tool.RunAsync("chown", "-R", $"{Owner}:{Owner}", clone);
        await Wait.ForAsync("it answers", TimeSpan.FromSeconds(30), AnswerAsync, answer => answer == "backend v1", Token);
        await File.WriteAllTextAsync(host.ConfigFile, $"state_dir: {host.StateDirectory}\n{await PageAsync()}", Token);
    }

    /// <summary>The page's own configuration, with this machine's addresses and paths, and a test's times.</summary>
    private async Task<string> PageAsync()
    {
        var url = Path.Combine(host.Folder, "discord.url");
        await File.WriteAllTextAsync(url, $"{discord.Address}api/webhooks/1/x", Token);
        File.SetUnixFileMode(url, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "fr", "koprogo.md"), Token);
        var yaml = FirstYaml().Match(page).Groups["yaml"].Value;
        foreach (var (written, here) in new[]
        {
            ("https://github.com/gilmry/koprogo.git", repository.Bare),
            ("checkout: /home/koprogo/koprogo", $"checkout: {clone}"),
            ("project: production", $"project: {project}"),
            ("https://api.example.org/api/v1/health", $"https://localhost:{front.Port}/api/v1/health"),
            ("/etc/eclusier/discord.url", url),
            ("interval: 3m", "interval: 1s"),
            ("interval: 10s", "interval: 500ms"),
            ("timeout: 100s", "timeout: 20s"),
            ("soak: 15s", "soak: 1s"),
        })
        {
            Assert.Single(Regex.Matches(yaml, Regex.Escape(written))); // else the page says something else than what is tried here
            yaml = yaml.Replace(written, here, StringComparison.Ordinal);
        }

        return yaml;
    }

    /// <summary>Traefik's part: TLS with a certificate of its own, and on to the backend.</summary>
    private async Task ForwardAsync(HttpContext context)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), context.RequestAborted);
            context.Response.StatusCode = context.Request.Path == "/api/v1/health" ? (int)answer.StatusCode : 404;
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = 502;
        }
    }

    /// <summary>As root in another user's clone, as their script.</summary>
    private string GitInClone(params string[] arguments) => GitRepository.GitIn(clone, ["-c", $"safe.directory={clone}", .. arguments]);

    private string Commit(string message, bool push = true)
    {
        var commit = repository.CommitLocally(message, ("deploy/production/docker-compose.yml", Compose()), ("README.md", $"{++backendRound}\n"));
        if (push)
        {
            repository.Push();
        }

        return commit;
    }

    private string Compose() => $$"""
        services:
          traefik:
            image: {{registry.Host}}/traefik:latest
            stop_grace_period: 1s
          backend:
            image: {{registry.Host}}/gilmry/koprogo-backend:${IMAGE_TAG}
            stop_grace_period: 1s
            ports: ["127.0.0.1:{{port}}:8080"]
            environment: { DATABASE_URL: "postgres://koprogo:${POSTGRES_PASSWORD}@postgres/koprogo" }
            healthcheck: { test: [CMD, /app, check, "http://localhost:8080/health"], interval: 1s, retries: 20 }
            labels: { traefik.http.routers.backend.rule: "Host(`api.${DOMAIN}`)" }
            depends_on: [postgres]
          frontend:
            image: {{registry.Host}}/gilmry/koprogo-frontend:${IMAGE_TAG}
            stop_grace_period: 1s
          postgres:
            image: {{registry.Host}}/postgres:16
            stop_grace_period: 1s
            volumes: ["pgdata:/var/lib/postgresql/data"]
        volumes: { pgdata: {} }

        """;

    private async Task PushImagesAsync(string commit, string version, bool isBad = false)
    {
        var backend = new Behaviour("backend", version);
        await images.PushAsync("gilmry/koprogo-backend", $"main-{commit[..7]}", isBad ? backend.With("health", "503") : backend);
        await images.PushAsync("gilmry/koprogo-frontend", $"main-{commit[..7]}", new Behaviour("frontend", version));
    }

    private async Task UpByHandAsync(string commit) => (await LabProcess.RunAsync(
        "docker",
        ["compose", "--project-name", project, "up", "--detach", "--pull", "always"],
        new Dictionary<string, string>(host.Environment) { ["IMAGE_TAG"] = $"main-{commit[..7]}" },
        Path.Combine(clone, "deploy/production"),
        cancellationToken: Token)).Succeeded();

    private async Task<string> AnswerAsync()
    {
        try
        {
            return (await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), Token)).Trim();
        }
        catch (HttpRequestException)
        {
            return "no answer";
        }
    }

    private async Task<DeploymentView> ExpectAsync(string result, string commit)
    {
        var deployment = await host.AwaitDeploymentAsync(stack, commit, cancellationToken: Token);
        Assert.True(deployment.Result == result, $"expected {result}: {deployment}\n{string.Join('\n', host.Journal)}");
        return deployment;
    }

    private static IEnumerable<(string, string)> Images(IEnumerable<LabContainer> containers) => [.. containers.Select(container => (container.Service, container.ImageId)).Order()];

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the repository's root is not above the test program");
    }

    [GeneratedRegex("^```yaml\n(?<yaml>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FirstYaml();
}
