using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>`eclusier init`: a configuration that takes over what runs as it is.</summary>
public sealed class InitSpecs
{
    private const string Web = """
        image: {IMAGE}:${IMAGE_TAG:-latest}
            ports: ["127.0.0.1:{PORT}:8080"]
            stop_grace_period: 1s
            environment: { COLOUR: "${COLOUR}" }
            volumes: ["./web.conf:/config:ro"]
            healthcheck: { test: [CMD, /app, check, "http://localhost:8080/health"], interval: 1s }
            labels: { traefik.http.routers.web.rule: "Host(`www.example.org`)" }
        """;

    [Fact]
    public async Task A_running_project_is_taken_over_without_recreating_anything()
    {
        await using var shop = await Shop.CreateAsync();
        var (clone, commit) = await UpAsync(shop);
        var before = await DockerCli.RunningIdsAsync(shop.Stack);

        var outcome = await InitAsync(shop, $"{clone}/deploy/production", "--set", "health.soak=1s");

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal("", outcome.Error);
        var written = await File.ReadAllTextAsync(shop.Host.ConfigFile, Token);
        Assert.Contains($"""
              shop:
                repository: {shop.Repository.Bare}
                branch: main
                directory: deploy/production             # where the Compose files are
            """, written);
        Assert.Contains($"    project: {shop.Stack} ", written);
        Assert.Contains("      IMAGE_TAG: \"main-{commit7}\"", written);
        Assert.Contains($"    #     - http: http://127.0.0.1:{shop.Port}/health ", written);
        Assert.Contains("    #     - http: https://www.example.org/health ", written);
        Assert.DoesNotContain("profiles", written);
        Assert.DoesNotContain("green", written); // what is in .env is nobody's business
        Assert.Contains($"eclusier plan --config {shop.Host.ConfigFile}\n", outcome.Output);

        (await shop.Host.RunAsync("config", "check")).Succeeded();
        var plan = await shop.Host.RunAsync("plan", "shop");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        await shop.Host.RunAsync("deploy", "shop");
        Assert.Equal(before, await DockerCli.RunningIdsAsync(shop.Stack));
        Assert.Equal(commit, (await shop.Host.StatusAsync("shop")).LastKnownGood?.Commit);

        // once more: what is there stays, and what would be added is printed
        var again = await InitAsync(shop, clone);
        Assert.Equal(1, again.ExitCode);
        Assert.StartsWith("  shop:\n    repository: ", again.Output);
        Assert.Contains("exists and was left as it is", again.Error);
        Assert.Equal(written, await File.ReadAllTextAsync(shop.Host.ConfigFile, Token));
    }

    [Fact]
    public async Task A_project_is_found_by_its_name_with_its_own_files_and_profiles()
    {
        await using var shop = await Shop.CreateAsync();
        var (clone, _) = await UpAsync(shop, "extra.yml", "debug");
        var before = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(["tools", "web"], before.Keys.Order());

        (await InitAsync(shop, "--project", shop.Stack)).Succeeded();

        var written = await File.ReadAllTextAsync(shop.Host.ConfigFile, Token);
        Assert.Contains("    compose_files: [docker-compose.yml, extra.yml]\n", written);
        Assert.Contains("    profiles: [debug]\n", written);
        var plan = await shop.Host.RunAsync("plan", "shop");
        Assert.Matches("(?m)^ *=  web +keep$", plan.Output);
        Assert.DoesNotContain("remove", plan.Output); // without the profile its service would be nobody's

        var unknown = await shop.Host.RunAsync("init", "--project", "nobody", "--yes");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains(shop.Stack, unknown.Error);
    }

    [Fact]
    public async Task A_private_repository_and_a_password_in_the_remote()
    {
        await using var shop = await Shop.CreateAsync();
        await using var server = await GitHttpServer.StartAsync(Path.GetDirectoryName(shop.Repository.Bare)!);
        await shop.PushAsync("v1");
        var clone = Path.Combine(shop.Host.Folder, "live");
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        GitRepository.GitIn(clone, "remote", "set-url", "origin", server.UrlOf(shop.Repository).Replace("://", "://ada:hunter2@", StringComparison.Ordinal));
        server.Credential = ("x-access-token", "right-token");

        var outcome = await InitAsync(shop, clone);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var written = await File.ReadAllTextAsync(shop.Host.ConfigFile, Token);
        Assert.Contains($"    repository: {server.UrlOf(shop.Repository)}\n", written);
        Assert.Contains("    # auth: { token_file: /etc/eclusier/shop.token }", written);
        Assert.Contains("note: the repository asks for credentials", outcome.Error);
        Assert.Contains("it was left out", outcome.Error);
        Assert.DoesNotContain("hunter2", written + outcome.Output + outcome.Error);
        (await shop.Host.RunAsync("config", "check")).Succeeded();

        // with the token it is read as the daemon will; a file that is not there is told at once
        File.Delete(shop.Host.ConfigFile);
        var token = Path.Combine(shop.Host.Folder, "token");
        var missing = await InitAsync(shop, clone, "--set", $"auth.token_file={token}");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("there is no such file", missing.Error);
        await File.WriteAllTextAsync(token, "right-token\n", Token);
        var given = await InitAsync(shop, clone, "--set", $"auth.token_file={token}", "--set", $"project={shop.Stack}"); // a name that no other agent of this machine has
        Assert.True(given.ExitCode == 0 && !given.Error.Contains("credentials", StringComparison.Ordinal), given.ToString());
        Assert.Equal(2, (await shop.Host.RunAsync("plan", "shop")).ExitCode);
    }

    [Fact]
    public async Task What_cannot_be_seen_is_asked_at_a_terminal_and_else_named()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        shop.Repository.Commit("Two of them", ("one/compose.yaml", shop.Compose("v1")), ("two/compose.yaml", shop.Compose("v1")));
        var clone = Path.Combine(shop.Host.Folder, "live");
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        GitRepository.GitIn(clone, "checkout", "--quiet", "--detach");

        var outcome = await InitAsync(shop, clone, "--set", "branch=main");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("Compose files are in one, two. Which folder? Say it with `--set directory=…`", outcome.Error);
        outcome = await InitAsync(shop, clone, "--set", "directory=two");
        Assert.Contains("is at no branch. Which one is to be followed? Say it with `--set branch=…`", outcome.Error);
        outcome = await InitAsync(shop, clone, "--set", "directory=two", "--set", "branch=main", "--set", "drfit=heal");
        Assert.Contains("drift", outcome.Error); // the reader's own hint

        // script(1) gives it a terminal; the answers come from its input
        var command = $"{shop.Host.Program} init {clone} --set state_dir={shop.Host.StateDirectory} --config {shop.Host.ConfigFile}";
        var asked = await LabProcess.RunAsync("sh", ["-c", $"{{ sleep 2; echo two; sleep 1; echo main; sleep 2; }} | script --quiet --return --command '{command}' /dev/null"], shop.Host.Environment, shop.Host.Folder, cancellationToken: Token);
        Assert.True(asked.ExitCode == 0, asked.ToString());
        var written = await File.ReadAllTextAsync(shop.Host.ConfigFile, Token);
        Assert.Contains("    branch: main\n    directory: two ", written);
    }

    [Fact]
    public async Task Without_a_clone_or_a_remote_it_says_what_is_missing()
    {
        await using var shop = await Shop.CreateAsync();
        var folder = Directory.CreateDirectory(Path.Combine(shop.Host.Folder, "plain")).FullName;
        var outcome = await InitAsync(shop, folder);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("is not in a git clone", outcome.Error);

        GitRepository.GitIn(folder, "init", "--quiet");
        GitRepository.GitIn(folder, "commit", "--quiet", "--allow-empty", "--message", "Begin");
        outcome = await InitAsync(shop, folder);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("git -C " + folder + " remote add origin URL", outcome.Error);
        Assert.False(File.Exists(shop.Host.ConfigFile));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<CommandOutcome> InitAsync(Shop shop, params string[] words)
    {
        if (File.Exists(shop.Host.ConfigFile) && File.ReadAllText(shop.Host.ConfigFile).StartsWith("state_dir", StringComparison.Ordinal))
        {
            File.Delete(shop.Host.ConfigFile); // the lab's own
        }

        return shop.Host.RunAsync(["init", .. words, "--yes", "--set", $"state_dir={shop.Host.StateDirectory}"]);
    }

    /// <summary>A project as a script leaves it: started with its commit's image from a clone, with a `.env` of the host.</summary>
    private static async Task<(string Clone, string Commit)> UpAsync(Shop shop, string? file = null, string? profile = null)
    {
        var image = shop.Image("web", "");
        var web = Web.Replace("{IMAGE}", image.TrimEnd(':'), StringComparison.Ordinal).Replace("{PORT}", $"{shop.Port}", StringComparison.Ordinal);
        var commit = shop.Repository.Commit("Web", ("deploy/production/docker-compose.yml", $"services:\n  web:\n    {web}"), ("deploy/production/web.conf", "one\n"),
            ("deploy/production/extra.yml", $"services:\n  tools: {{ image: '{image}${{IMAGE_TAG:-latest}}', profiles: [debug], stop_grace_period: 1s }}\n"));
        await shop.PushImageAsync("web", $"main-{commit[..7]}", "v1");
        var clone = Path.Combine(shop.Host.Folder, "live");
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        await File.WriteAllTextAsync(Path.Combine(clone, "deploy/production/.env"), "COLOUR=green\n", Token);
        var variables = new Dictionary<string, string>(shop.Host.Environment) { ["IMAGE_TAG"] = $"main-{commit[..7]}" };
        string[] files = file is null ? [] : ["--file", "docker-compose.yml", "--file", file];
        string[] profiles = profile is null ? [] : ["--profile", profile];
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", shop.Stack, .. files, .. profiles, "up", "--detach", "--quiet-pull"], variables, Path.Combine(clone, "deploy/production"), cancellationToken: Token)).Succeeded();
        await Wait.ForAsync("it answers", TimeSpan.FromSeconds(20), () => shop.AnswerAsync(), answer => answer == "web v1", Token);
        return (clone, commit);
    }
}
