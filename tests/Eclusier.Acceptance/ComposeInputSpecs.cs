using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What Compose offers works as Compose documents it: several files, includes, profiles, variables, builds, secrets.</summary>
public sealed class ComposeInputSpecs
{
    [Fact]
    public async Task Several_files_includes_extensions_and_profiles()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        shop.Repository.CommitLocally(
            "All that Compose can",
            ("deploy/base.yaml", $$"""
                include: [extra/compose.yaml]
                services:
                  web:
                    extends: { file: common.yaml, service: common }
                    ports: ["127.0.0.1:{{shop.Port}}:8080"]
                    environment: { FROM: base, PLACE: base }
                  debug:
                    image: {{shop.Image("web", "v1")}}
                    command: [sleep]
                    profiles: [debug]

                """),
            ("deploy/common.yaml", $"services: {{ common: {{ image: '{shop.Image("web", "v1")}', stop_grace_period: 1s, environment: {{ COMMON: extended }} }} }}\n"),
            ("deploy/extra/compose.yaml", $"services: {{ worker: {{ image: '{shop.Image("web", "v1")}', command: [worker], stop_grace_period: 1s, volumes: ['./worker.conf:/config:ro'] }} }}\n"),
            ("deploy/extra/worker.conf", "included\n"),
            ("deploy/production.yaml", "services: { web: { environment: { PLACE: production } } }\n"));
        shop.Repository.Push();

        await shop.StartAsync("directory: deploy\ncompose_files: [base.yaml, production.yaml]");
        await shop.ExpectAsync("committed", shop.Repository.Head);

        Assert.Equal(["web", "worker"], (await DockerCli.RunningIdsAsync(shop.Stack)).Keys.Order());
        Assert.Equal("extended", await shop.AnswerAsync("/env?COMMON"));
        Assert.Equal("base", await shop.AnswerAsync("/env?FROM"));
        Assert.Equal("production", await shop.AnswerAsync("/env?PLACE"));
        Assert.Contains(Path.Combine(shop.WorkTree, "deploy/extra/worker.conf"), await DockerCli.RunAsync("inspect", (await shop.ContainerAsync("worker")).Id));

        var before = await DockerCli.RunningIdsAsync(shop.Stack);
        await shop.StartAsync("directory: deploy\ncompose_files: [base.yaml, production.yaml]\nprofiles: [debug]");
        var running = await Wait.ForAsync("the profile's service runs", TimeSpan.FromSeconds(30), () => DockerCli.RunningIdsAsync(shop.Stack), ids => ids.ContainsKey("debug"), Token);
        Assert.Equal(before, running.Where(pair => pair.Key != "debug").ToDictionary()); // the others run on

        await shop.AwaitStatusAsync("the profile is deployed", status => status.State == "healthy" && status.LastKnownGood?.Number == 2);
        await shop.StartAsync("directory: deploy\ncompose_files: [base.yaml, production.yaml]");
        await shop.AwaitStatusAsync("it is deployed without the profile", status => status.State == "healthy" && status.LastKnownGood?.Number == 1); // the same release as the first
        Assert.Equal(before, await DockerCli.RunningIdsAsync(shop.Stack));
    }

    [Fact]
    public async Task Variables_come_from_the_stack_its_files_and_nowhere_else()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        shop.Host.Environment["SECRET_OF_AGENT"] = "leaked";
        shop.Host.Environment["COMPOSE_PROFILES"] = "leaked";
        var hostFile = Path.Combine(shop.Host.Folder, "host.env");
        File.WriteAllText(hostFile, "SECOND=host\nTHIRD=host\nSONG='50 $ for a 🎵'\n");
        shop.WebKeys = """
            stop_grace_period: 1s
            env_file: [web.env]
            environment:
              FIRST: ${FIRST}
              SECOND: ${SECOND}
              THIRD: ${THIRD}
              SONG: ${SONG}
              MOTTO: ${MOTTO}
              LITERAL: a$$b 🚀
              REVISION: ${REVISION}
              OWN: ${ECLUSIER_STACK} ${ECLUSIER_BRANCH} ${ECLUSIER_COMMIT} ${ECLUSIER_COMMIT_SHORT}
              LEAK: ${SECRET_OF_AGENT-unset}
            """;
        shop.MoreServices = $"leaked: {{ image: '{shop.Image("web", "v1")}', profiles: [leaked] }}";
        await shop.StartAsync($$"""
            env_files: [shop.env, {{hostFile}}]
            environment:
              THIRD: stack
              MOTTO: "$5 🚀 and $HOME, 'quoted' \"twice\", 100%"
              REVISION: "{branch} {commit} {commit7}"
            """);

        var commit = shop.Repository.Commit("Variables", ("compose.yaml", shop.Compose("v1")), ("shop.env", "FIRST=git\nSECOND=git\nTHIRD=git\n"), (".env", "FIRST=dot-env\n"), ("web.env", "OF_SERVICE=service 💧\nDOLLAR=a$$b\n"));
        await shop.ExpectAsync("committed", commit);

        Assert.Equal("git", await shop.AnswerAsync("/env?FIRST"));
        Assert.Equal("host", await shop.AnswerAsync("/env?SECOND"));
        Assert.Equal("stack", await shop.AnswerAsync("/env?THIRD"));
        Assert.Equal("50 $ for a 🎵", await shop.AnswerAsync("/env?SONG"));
        Assert.Equal("$5 🚀 and $HOME, 'quoted' \"twice\", 100%", await shop.AnswerAsync("/env?MOTTO"));
        Assert.Equal("a$b 🚀", await shop.AnswerAsync("/env?LITERAL"));
        Assert.Equal($"main {commit} {commit[..7]}", await shop.AnswerAsync("/env?REVISION"));
        Assert.Equal($"{shop.Stack} main {commit} {commit[..7]}", await shop.AnswerAsync("/env?OWN"));
        Assert.Equal("service 💧", await shop.AnswerAsync("/env?OF_SERVICE"));
        Assert.Equal("unset", await shop.AnswerAsync("/env?LEAK"));
        Assert.Equal(["web"], (await DockerCli.RunningIdsAsync(shop.Stack)).Keys);

        shop.WebKeys = shop.WebKeys.Replace("SECRET_OF_AGENT-unset", "SECRET_OF_AGENT");
        await shop.ExpectRejectedAsync(() => shop.Repository.Commit("Asks for what is the agent's", ("compose.yaml", shop.Compose("v1"))), "SECRET_OF_AGENT", "compose.yaml:");
        Assert.Empty(Traces.OfSecret("leaked", Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases")));
    }

    [Fact]
    public async Task The_default_env_file_counts_in_git_and_on_the_host()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "environment: { COLOUR: '${COLOUR}' }";
        await shop.StartAsync();
        await shop.ExpectAsync("committed", await shop.PushAsync("v1", files: (".env", "COLOUR=blue\n")));
        Assert.Equal("blue", await shop.AnswerAsync("/env?COLOUR"));

        shop.Repository.Git("rm", "--quiet", ".env");
        await shop.ExpectRejectedAsync(() => shop.Repository.Commit("Without a .env"), "COLOUR");

        await using var other = await Shop.CreateAsync();
        other.WebKeys = shop.WebKeys;
        Directory.CreateDirectory(other.WorkTree);
        File.WriteAllText(Path.Combine(other.WorkTree, ".env"), "COLOUR=green\n");
        await other.StartAsync();
        await other.ExpectAsync("committed", await other.PushAsync("v1"));
        Assert.Equal("green", await other.AnswerAsync("/env?COLOUR"));
        Assert.Equal("COLOUR=green\n", File.ReadAllText(Path.Combine(other.WorkTree, ".env")));
    }

    [Fact]
    public async Task A_service_that_is_built_here_is_pinned_and_rolled_back_to_its_old_bits()
    {
        await using var shop = await Shop.CreateAsync();
        File.Copy(await SampleProgram.PathAsync(), Path.Combine(shop.Repository.Clone, "app"));
        var compose = $"services: {{ web: {{ build: ., ports: ['127.0.0.1:{shop.Port}:8080'], stop_grace_period: 1s }} }}\n";
        const string Dockerfile = "FROM scratch\nCOPY app behaviour /\nENTRYPOINT [\"/app\"]\nCMD [\"serve\"]\n";
        await shop.StartAsync();

        var first = shop.Repository.Commit("Built here", ("compose.yaml", compose), ("Dockerfile", Dockerfile), ("behaviour", "name=web\nversion=built-1\n"));
        await shop.ExpectAsync("committed", first);
        Assert.Equal("web built-1", await shop.AnswerAsync());
        var good = await shop.ContainerAsync("web");
        Assert.Equal(good.ImageId, good.Image);

        var bad = await shop.ExpectAsync("rolled-back", shop.Repository.Commit("Bad bits", ("behaviour", "name=web\nversion=built-2\ncrash=3\n")));
        Assert.NotNull(bad.Release);
        Assert.Equal("web built-1", await shop.AnswerAsync());
        Assert.Equal(good.ImageId, (await shop.ContainerAsync("web")).ImageId);

        var line = shop.Host.Journal.Count;
        var before = await shop.SnapshotAsync();
        await shop.ExpectTurnedDownAsync("rejected", shop.Repository.Commit("Cannot be built", ("Dockerfile", Dockerfile.Replace("behaviour", "nothing-here"))), line, "could not be built", "nothing-here");
        Assert.Equal(before, await shop.SnapshotAsync());

        var third = shop.Repository.Commit("Good bits", ("Dockerfile", Dockerfile), ("behaviour", "name=web\nversion=built-3\n"));
        await shop.ExpectAsync("committed", third);
        Assert.Equal("web built-3", await shop.AnswerAsync());
        Assert.Equal(0, (await shop.Host.RunAsync("rollback", shop.Stack)).ExitCode);
        Assert.Equal("web built-1", await shop.AnswerAsync());
        Assert.Equal(good.ImageId, (await shop.ContainerAsync("web")).ImageId);
    }

    [Theory]
    [InlineData("configs", "/config")]
    [InlineData("secrets", "/run/secrets/settings")]
    public async Task A_config_or_secret_from_a_variable(string section, string path)
    {
        const string Secret = "50 $ 'and' a 🔑";
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = $"environment: {{ APP_CONFIG: {path} }}\n{section}: [{{ source: settings, target: {(section == "configs" ? path : "settings")} }}]";
        shop.MoreSections = $"{section}: {{ settings: {{ environment: SHOP_SETTINGS }} }}";
        var secretFile = Path.Combine(shop.Host.Folder, "shop.env");
        File.WriteAllText(secretFile, $"SHOP_SETTINGS=\"{Secret.Replace("$", "\\$")}\"\n");
        await shop.StartAsync($"env_files: [{secretFile}]");

        await shop.ExpectAsync("committed", await shop.PushAsync("v1"));
        Assert.Equal(Secret, await shop.AnswerAsync("/config"));
        await shop.ExpectAsync("rolled-back", await shop.PushAsync("v2", bits => bits.Crashing()));

        Assert.Equal(Secret, await shop.AnswerAsync("/config"));
        Assert.DoesNotContain(Secret, string.Join('\n', shop.Host.Journal));
        Assert.All(Traces.OfSecret("a 🔑", shop.Host.StateDirectory), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
