using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The packages, on a Debian with its own dpkg and systemd, and in an engine.</summary>
public sealed class PackageSpecs
{
    private static readonly TimeSpan InTime = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_debian_package_is_installed_upgraded_in_the_middle_of_a_deployment_removed_and_purged_and_what_runs_keeps_running()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        await using var box = await SystemdBox.BootAsync(shop.Host.Program, shop.Host.Folder);
        await box.RunAsync("rm", "--force", "/usr/sbin/policy-rc.d"); // whatever keeps packages of this machine from starting services
        var first = Path.Combine(shop.Host.Folder, "eclusier.deb");
        File.Copy(PackageFiles.Deb, first);
        var (second, third) = (await PackageFiles.DebOfVersionAsync("99.1-1", shop.Host.Folder), await PackageFiles.DebOfVersionAsync("99.2-1", shop.Host.Folder));

        // without a configuration nothing starts, now or with the host
        var install = (await box.RunAsync("dpkg", "--install", first)).Succeeded();
        Assert.Contains("to begin, write /etc/eclusier/eclusier.yaml", install);
        Assert.Equal("enabled", (await box.RunAsync("systemctl", "is-enabled", "eclusier")).Output.Trim());
        (await box.RunAsync("systemctl", "start", "eclusier")).Succeeded();
        Assert.Equal(("inactive", "0"), (await box.PropertyAsync("ActiveState"), await box.PropertyAsync("NRestarts")));
        Assert.Equal("700 eclusier", (await box.RunAsync("stat", "--format=%a %U", "/var/lib/eclusier")).Output.Trim());
        Assert.Contains("eclusier", (await box.RunAsync("getent", "group", "docker")).Output);
        Assert.Equal("/usr/share/man/man1/eclusier.1.gz", (await box.RunAsync("man", "--where", "eclusier")).Output.Trim());

        await ConfigureAsync(box, shop, git);
        (await box.RunAsync("systemctl", "start", "eclusier")).Succeeded();
        Assert.Equal(("active", "eclusier"), (await box.PropertyAsync("ActiveState"), await box.PropertyAsync("User")));
        await shop.PushAsync("v1");
        await RunsAsync(shop, "v1");
        Assert.Contains("nothing to do: /usr/lib/systemd/system/eclusier.service is as it should be", (await box.RunAsync("eclusier", "service", "install")).Succeeded());
        Assert.DoesNotContain("would write it anew", (await box.RunAsync("eclusier", "service", "status")).Succeeded());

        // an upgrade in the middle of a deployment
        var daemon = await box.DaemonAsync();
        await DeployingAsync(box, shop, "v2");
        (await box.RunAsync("dpkg", "--install", second)).Succeeded();
        Assert.Equal("active", await box.PropertyAsync("ActiveState"));
        Assert.NotEqual(daemon, await box.DaemonAsync());
        await RunsAsync(shop, "v2");

        // a restart in the middle of one
        await DeployingAsync(box, shop, "v3");
        (await box.RunAsync("systemctl", "restart", "eclusier")).Succeeded();
        await RunsAsync(shop, "v3");
        await Wait.ForAsync("v3 is kept", InTime, () => StateAsync(box), state => state == "healthy", Token);

        // removed: configuration, memory and containers stay
        (await box.RunAsync("dpkg", "--remove", "eclusier")).Succeeded();
        Assert.Equal("inactive", await box.PropertyAsync("ActiveState"));
        Assert.False(File.Exists(box.InHere("/usr/bin/eclusier")));
        Assert.True(File.Exists(box.InHere("/etc/eclusier/eclusier.yaml")));
        Assert.True(File.Exists(box.InHere("/var/lib/eclusier/eclusier.db")));
        Assert.Equal("web v3", await shop.AnswerAsync());

        // back again, it goes on where it was; what was stopped by hand an upgrade does not start
        (await box.RunAsync("dpkg", "--install", second)).Succeeded();
        Assert.Equal("active", await box.PropertyAsync("ActiveState"));
        Assert.Equal("healthy", await StateAsync(box));
        (await box.RunAsync("systemctl", "stop", "eclusier")).Succeeded();
        (await box.RunAsync("dpkg", "--install", third)).Succeeded();
        Assert.Equal("inactive", await box.PropertyAsync("ActiveState"));

        // purged: no configuration and no memory; an application's data in its work tree, and its containers, are not the package's
        var work = $"/var/lib/eclusier/stacks/{shop.Stack}/work";
        await box.WriteAsync($"{work}/data/orders.db", "precious");
        var purge = await box.RunAsync("dpkg", "--purge", "eclusier");
        Assert.Contains($"applications may have data in their work trees, which stay: {work}", purge.Error);
        purge.Succeeded();
        Assert.False(Directory.Exists($"{Path.GetDirectoryName(box.InHere("/etc/hosts"))}/eclusier"));
        Assert.Equal(["stacks"], Entries(box, "/var/lib/eclusier"));
        Assert.Equal(["work"], Entries(box, $"/var/lib/eclusier/stacks/{shop.Stack}"));
        Assert.True(File.Exists(box.InHere($"{work}/data/orders.db")));
        Assert.Equal("not-found", await box.PropertyAsync("LoadState"));
        Assert.Equal("web v3", await shop.AnswerAsync());
    }

    [Fact]
    public Task Debian_has_nothing_to_say_against_its_package() => JudgedWellAsync(PackageFiles.Deb);

    /// <summary>Emulated where this machine has another processor; the engine, git and Compose are the machine's own.</summary>
    [Fact, Trait("Length", "Long")]
    public async Task The_packages_for_arm64_hold_a_program_for_arm64_that_deploys_rolls_back_and_polls()
    {
        var (deb, tarball) = (PackageFiles.DebFor(Architecture.Arm64), PackageFiles.TarballFor(Architecture.Arm64));
        var folder = Directory.CreateTempSubdirectory("eclusier-arm64-").FullName;
        try
        {
            Assert.Equal("arm64", await Tool.RunAsync("dpkg-deb", "--field", deb, "Architecture"));
            await JudgedWellAsync(deb);
            await Tool.RunAsync("dpkg-deb", "--extract", deb, $"{folder}/deb");
            await Tool.RunAsync("tar", "--extract", "--gzip", "--strip-components=1", $"--directory={Directory.CreateDirectory($"{folder}/tar")}", $"--file={tarball}");
            foreach (var file in new[] { "eclusier", "libe_sqlite3.so" })
            {
                Assert.Contains("AArch64", await Tool.RunAsync("readelf", "--file-header", $"{folder}/deb/usr/lib/eclusier/{file}"));
                Assert.Equal(await File.ReadAllBytesAsync($"{folder}/tar/{file}", Token), await File.ReadAllBytesAsync($"{folder}/deb/usr/lib/eclusier/{file}", Token));
            }

            await using var shop = await Shop.CreateAsync(program: await PackageFiles.ForArm64Async($"{folder}/deb/usr/bin/eclusier", folder));
            await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
            shop.Configure($"repository: {git.UrlOf(shop.Repository)}");
            await using var own = new EclusierHost();
            Assert.Equal((await own.RunAsync("version")).Succeeded(), (await shop.Host.RunAsync("version")).Succeeded());

            var good = await shop.PushAsync("v1");
            (await shop.Host.RunAsync("deploy", shop.Stack)).Succeeded();
            Assert.Equal("web v1", await shop.AnswerAsync());

            await shop.Host.StartAsync();
            await shop.PollsAsync(3);
            await shop.ExpectAsync("rolled-back", await shop.PushAsync("v2", web => web.With("health", "503")));
            Assert.Equal("web v1", await shop.AnswerAsync());
            Assert.Equal(good, (await shop.StatusAsync()).LastKnownGood?.Commit);
            Assert.Equal(0, await shop.Host.StopAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Every_package_has_the_program_its_licences_and_what_it_is_made_of()
    {
        var folder = Directory.CreateTempSubdirectory("eclusier-packages-").FullName;
        try
        {
            await Tool.RunAsync("tar", "--extract", "--gzip", "--strip-components=1", $"--directory={Directory.CreateDirectory($"{folder}/tar")}", $"--file={PackageFiles.Tarball}");
            await Tool.RunAsync("dpkg-deb", "--extract", PackageFiles.Deb, $"{folder}/deb");
            var (program, built) = (new EclusierHost().Program, Path.GetDirectoryName(new EclusierHost().Program)!);

            foreach (var file in new[] { "eclusier", "libe_sqlite3.so", "sbom.cdx.json", "THIRD-PARTY-NOTICES.txt" })
            {
                Assert.Equal(await File.ReadAllBytesAsync($"{built}/{file}", Token), await File.ReadAllBytesAsync($"{folder}/tar/{file}", Token));
            }

            Assert.Equal(await File.ReadAllBytesAsync(program, Token), await File.ReadAllBytesAsync($"{folder}/deb/usr/bin/eclusier", Token));
            foreach (var file in new[] { "sbom.cdx.json", "THIRD-PARTY-NOTICES.txt" })
            {
                Assert.Equal(await File.ReadAllTextAsync($"{built}/{file}", Token), await Tool.RunAsync("gzip", "--decompress", "--stdout", $"{folder}/deb/usr/share/doc/eclusier/{file}.gz") + "\n");
            }

            foreach (var file in new[] { "tar/completions/eclusier.bash", "tar/completions/_eclusier", "tar/completions/eclusier.fish", "tar/eclusier.1", "tar/eclusier.service", "tar/LICENSE", "tar/eclusier.yaml.example",
                "deb/usr/share/bash-completion/completions/eclusier", "deb/usr/share/zsh/vendor-completions/_eclusier", "deb/usr/share/fish/vendor_completions.d/eclusier.fish", "deb/usr/share/doc/eclusier/examples/eclusier.yaml" })
            {
                Assert.True(new FileInfo($"{folder}/{file}").Length > 0, file);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_image_keeps_a_stack_of_the_engine_that_it_runs_in()
    {
        await using var shop = await Shop.CreateAsync();
        var loaded = (await LabProcess.RunAsync("docker", ["load", "--quiet", "--input", PackageFiles.Image], within: InTime, cancellationToken: Token)).Succeeded();
        var image = loaded.Trim()["Loaded image: ".Length..];
        try
        {
            var told = await LabProcess.RunAsync("docker", ["run", "--rm", image, "version"], within: InTime, cancellationToken: Token);
            Assert.Equal((await LabProcess.RunAsync(shop.Host.Program, ["version"], shop.Host.Environment, cancellationToken: Token)).Succeeded(), told.Succeeded());

            // the same paths inside and outside: the engine looks for what is mounted on the host
            await shop.PushAsync("v1");
            var pass = await LabProcess.RunAsync(
                "docker",
                ["run", "--rm", "--network=host", "--volume=/var/run/docker.sock:/var/run/docker.sock", "--volume=/run/lock:/run/lock", $"--volume={shop.Host.Folder}:{shop.Host.Folder}", image, "monitor", "--once", "--config", shop.Host.ConfigFile],
                within: InTime,
                cancellationToken: Token);
            Assert.True(pass.ExitCode == 0, pass.ToString());
            Assert.Equal("web v1", await shop.AnswerAsync());
        }
        finally
        {
            await Tool.DockerAsync("image", "rm", "--force", image);
        }
    }

    private static async Task JudgedWellAsync(string deb)
    {
        var judged = await LabProcess.RunAsync("lintian", ["--allow-root", "--fail-on", "error,warning", deb], within: InTime, cancellationToken: Token);

        Assert.True(judged.ExitCode == 0, judged.ToString());
    }

    private static Task ConfigureAsync(SystemdBox box, Shop shop, GitHttpServer git) => box.WriteAsync("/etc/eclusier/eclusier.yaml", $$"""
        interval: 1s
        stacks:
          {{shop.Stack}}:
            repository: {{git.UrlOf(shop.Repository)}}
            health: { timeout: 20s, interval: 500ms, soak: 1s, probes: [ { http: "http://127.0.0.1:{{shop.Port}}/health", timeout: 2s } ] }
        """);

    private static async Task DeployingAsync(SystemdBox box, Shop shop, string version)
    {
        await shop.PushAsync(version, web => web.With("start_delay", "3"));
        await Wait.ForAsync("the deployment is under way", InTime, () => box.PropertyAsync("StatusText"), text => text.Contains("deploying stack", StringComparison.Ordinal), Token);
    }

    private static Task RunsAsync(Shop shop, string version) => Wait.ForAsync($"{version} runs", InTime, () => shop.AnswerAsync(), answer => answer == $"web {version}", Token);

    private static async Task<string?> StateAsync(SystemdBox box) =>
        JsonNode.Parse((await box.RunAsync("eclusier", "status", "--output", "json")).Output)?["stacks"]![0]!["state"]!.ToString();

    private static string[] Entries(SystemdBox box, string folder) =>
        [.. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(box.InHere($"{folder}/x"))!).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
}
