using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The unit under a real systemd.</summary>
public sealed class ServiceSpecs
{
    private static readonly TimeSpan InTime = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Installed_it_runs_as_a_user_of_its_own_comes_back_after_a_kill_takes_new_settings_and_goes_without_a_trace_but_its_state()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        await using var box = await SystemdBox.BootAsync(shop.Host.Program, shop.Host.Folder);
        await ConfigureAsync(box, shop, git, "");

        Assert.NotEqual(0, (await box.EclusierAsync("plan")).ExitCode); // nothing is pushed yet; it leaves a state folder of root's

        var install = await box.EclusierAsync("service", "install");
        Assert.True(install.ExitCode == 0, install.ToString());
        Assert.Contains("created the system user eclusier, in the group docker", install.Output);
        Assert.Contains("gave eclusier what root has made in /var/lib/eclusier", install.Output);
        Assert.Contains("started eclusier.service: it is ready", install.Output);
        Assert.Equal(("active", "eclusier"), (await box.PropertyAsync("ActiveState"), await box.PropertyAsync("User")));
        Assert.StartsWith("Watching 1 stack", await box.PropertyAsync("StatusText"));
        Assert.Contains("nothing to do", (await box.EclusierAsync("service", "install")).Succeeded());

        await shop.PushAsync("v1");
        await DeployedAsync(shop, "v1");

        // a kill in the middle of a deployment: systemd starts the daemon again, which finishes it
        await box.WriteAsync("/etc/systemd/system/eclusier.service.d/quick.conf", "[Service]\nRestartSec=200ms\n");
        (await box.RunAsync("systemctl", "daemon-reload")).Succeeded();
        await shop.PushAsync("v2", version => version.With("start_delay", "3"));
        await Wait.ForAsync("the deployment is under way", InTime, () => box.PropertyAsync("StatusText"), text => text.Contains("deploying stack", StringComparison.Ordinal), Token);
        var before = await box.DaemonAsync();
        (await box.RunAsync("kill", "-KILL", $"{before}")).Succeeded();
        await Wait.ForAsync("another daemon is ready", InTime, async () => (await box.DaemonAsync(), await box.PropertyAsync("ActiveState")), now => now is ( > 0, "active") && now.Item1 != before, Token);
        await DeployedAsync(shop, "v2");

        // a restart in the middle of one
        await shop.PushAsync("v3", version => version.With("start_delay", "3"));
        await Wait.ForAsync("the deployment is under way", InTime, () => box.PropertyAsync("StatusText"), text => text.Contains("deploying stack", StringComparison.Ordinal), Token);
        (await box.RunAsync("systemctl", "restart", "eclusier")).Succeeded();
        await DeployedAsync(shop, "v3");

        var status = await box.EclusierAsync("service", "status");
        Assert.True(status.ExitCode == 0, status.ToString());
        Assert.Contains("eclusier.service: active", status.Output);
        Assert.Contains("changed by /etc/systemd/system/eclusier.service.d/quick.conf", status.Output);
        Assert.DoesNotContain("would write it anew", status.Output);

        // other settings, good and bad, by systemd's own command
        var pid = await box.DaemonAsync();
        await ConfigureAsync(box, shop, git, "colour: red");
        var reload = await box.RunAsync("systemctl", "reload", "eclusier");
        Assert.NotEqual(0, reload.ExitCode);
        await ConfigureAsync(box, shop, git, "retain: 3\n  blog: { repository: https://git.test/blog.git, interval: 1h }");
        (await box.RunAsync("systemctl", "reload", "eclusier")).Succeeded();
        Assert.StartsWith("Watching 2 stacks", await box.PropertyAsync("StatusText"));
        Assert.Equal((pid, "active"), (await box.DaemonAsync(), await box.PropertyAsync("ActiveState")));

        var lines = (await box.JournalAsync()).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Contains(lines, line => Says(line, "3", "The new configuration is refused"));
        Assert.Contains(lines, line => Says(line, "3", "colour"));
        Assert.Contains(lines, line => Says(line, "4", "was interrupted at"));
        Assert.Contains(lines, line => Says(line, "6", "The configuration was read again: 2 stacks; new: blog"));

        var uninstall = await box.EclusierAsync("service", "uninstall");
        Assert.True(uninstall.ExitCode == 0, uninstall.ToString());
        Assert.Contains("stopped and disabled eclusier.service", uninstall.Output);
        Assert.Contains("the state folder", uninstall.Error);
        Assert.Equal("web v3", await shop.AnswerAsync());
        Assert.False(File.Exists(box.InHere("/etc/systemd/system/eclusier.service")));
        Assert.True(Directory.Exists(box.InHere("/var/lib/eclusier")));
        Assert.Contains("deleting the state folder /var/lib/eclusier", (await box.EclusierAsync("service", "uninstall", "--purge")).Error);
        Assert.False(Directory.Exists(box.InHere("/var/lib/eclusier")));
    }

    [Fact]
    public async Task A_hang_in_the_work_on_one_stack_ends_in_a_restart_by_the_watchdog_and_a_long_wait_does_not()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        await using var box = await SystemdBox.BootAsync(shop.Host.Program, shop.Host.Folder);
        await ConfigureAsync(box, shop, git, "");
        await box.WriteAsync("/etc/systemd/system/eclusier.service.d/quick.conf", "[Service]\nRestartSec=200ms\nWatchdogSec=1500ms\nEnvironment=ECLUSIER_HANG_AT=journal.release.before:2\n");
        (await box.EclusierAsync("service", "install")).Succeeded();

        // longer than the watchdog's patience (4.5 s), and no hang
        var daemon = await box.DaemonAsync();
        await shop.PushAsync("v1", version => version.With("start_delay", "8"));
        await DeployedAsync(shop, "v1");
        Assert.Equal(daemon, await box.DaemonAsync());

        await shop.PushAsync("v2"); // here it hangs; its socket answers all the same
        await Wait.ForAsync("it hangs", InTime, () => box.PropertyAsync("StatusText"), text => text.StartsWith($"Stuck: {shop.Stack}: nothing has happened", StringComparison.Ordinal), Token);
        await Wait.ForAsync("another daemon is ready", InTime, async () => (await box.DaemonAsync(), await box.PropertyAsync("ActiveState")), now => now is ( > 0, "active") && now.Item1 != daemon, Token);

        await DeployedAsync(shop, "v2");
        Assert.Contains(await box.JournalAsync(), line => line.Contains("Watchdog timeout", StringComparison.Ordinal));
        Assert.Contains(await box.JournalAsync(), line => Says(JsonNode.Parse(line)!, "2", "The work does not go on, so systemd will restart the daemon"));
    }

    [Fact]
    public async Task What_would_not_work_is_refused_with_what_to_do()
    {
        await using var shop = await Shop.CreateAsync();
        await using var box = await SystemdBox.BootAsync(shop.Host.Program, shop.Host.Folder);
        async Task RefusedAsync(string expected, params string[] words)
        {
            var install = await box.EclusierAsync(["service", "install", .. words]);
            Assert.True(install.ExitCode == 1 && install.Error.Contains(expected, StringComparison.Ordinal), $"expected \"{expected}\": {install}");
            Assert.False(File.Exists(box.InHere("/etc/systemd/system/eclusier.service")));
        }

        await box.WriteAsync("/etc/eclusier/eclusier.yaml", "stacks: { shop: { repository: https://git.test/shop.git, colour: red } }");
        await RefusedAsync("colour");

        await box.WriteAsync("/etc/eclusier/eclusier.yaml", "stacks: { shop: { repository: https://git.test/shop.git, checkout: /srv/shop } }");
        (await box.RunAsync("useradd", "ada")).Succeeded();
        (await box.RunAsync("install", "--directory", "--owner=ada", "/srv/shop")).Succeeded();
        await RefusedAsync("belongs to ada, and eclusier could not write to it: run the service as its owner (--run-as ada)");
        await RefusedAsync("there is no user bob", "--run-as", "bob");

        await box.WriteAsync("/etc/eclusier/eclusier.yaml", "stacks: { shop: { repository: https://git.test/shop.git } }");
        (await box.RunAsync("chmod", "600", "/etc/eclusier/eclusier.yaml")).Succeeded();
        await RefusedAsync("the service, as eclusier, could not use the configuration:");
        await RefusedAsync("exclude each other", "--as-root", "--user");

        (await box.RunAsync("chown", "ada", "/etc/eclusier/eclusier.yaml")).Succeeded();
        Assert.Contains("gave ada /var/lib/eclusier, which is empty", (await box.EclusierAsync("service", "install", "--run-as", "ada")).Succeeded());
        Assert.Equal("ada", await box.PropertyAsync("User"));
        Assert.Contains("nothing to do", (await box.EclusierAsync("service", "install")).Succeeded()); // it stays hers
        var deploy = await box.EclusierAsync("service", "status", "--output", "json");
        Assert.Equal("active", JsonNode.Parse(deploy.Succeeded())!["state"]!.ToString());

        (await box.RunAsync("systemctl", "stop", "eclusier")).Succeeded();
        var stopped = await box.EclusierAsync("deploy");
        Assert.True(stopped.ExitCode == 1 && stopped.Error.Contains("is the state of another user than root", StringComparison.Ordinal), stopped.ToString());
        Assert.Equal(5, (await box.EclusierAsync("service", "status")).ExitCode);
    }

    private static Task ConfigureAsync(SystemdBox box, Shop shop, GitHttpServer git, string more) => box.WriteAsync("/etc/eclusier/eclusier.yaml", $$"""
        interval: 1s
        stacks:
          {{shop.Stack}}:
            repository: {{git.UrlOf(shop.Repository)}}
            health: { timeout: 20s, interval: 500ms, soak: 1s, probes: [ { http: "http://127.0.0.1:{{shop.Port}}/health", timeout: 2s } ] }
            {{more}}
        """);

    private static Task DeployedAsync(Shop shop, string version) =>
        Wait.ForAsync($"{version} runs", InTime, () => shop.AnswerAsync(), answer => answer == $"web {version}", Token);

    private static bool Says(JsonNode line, string priority, string text) =>
        line["PRIORITY"]!.ToString() == priority && line["MESSAGE"]!.ToString().Contains(text, StringComparison.Ordinal);
}
