using Eclusier.Core.Health;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.DockerEngine;

public sealed class ObservingSpecs(EngineLab lab) : IClassFixture<EngineLab>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_engine_tells_its_version() =>
        Assert.Equal(await Tool.DockerAsync("version", "--format", "{{.Server.Version}}"), await lab.Engine.ReadVersionAsync(Cancelled));

    [Fact]
    public async Task A_project_without_containers_is_empty() => Assert.True((await lab.Engine.ObserveAsync(lab.Project("nothing"), Cancelled)).IsEmpty);

    [Fact]
    public async Task A_running_container_is_described()
    {
        var project = lab.Project("described");
        var id = await lab.RunAsync(project, "web", ["--label", "com.docker.compose.config-hash=abc", "--restart", "unless-stopped"], "stay");
        await lab.RunAsync(lab.Project("described-other"), "web", [], "stay");

        var container = Assert.Single((await lab.Engine.ObserveAsync(project, Cancelled)).Containers);

        Assert.Equal((id, "web", "running", true), (container.Id, container.Service, container.State, container.IsRunning));
        Assert.StartsWith($"{project}-web-", container.Name);
        Assert.Equal((false, 0L, false, "", 0L), (container.IsOneOff, container.ExitCode, container.WasKilledForMemory, container.Error, container.RestartCount));
        Assert.Equal(("unless-stopped", "", "", "abc"), (container.RestartPolicy, container.Health, container.HealthOutput, container.ConfigHash));
        Assert.InRange(container.StartedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddSeconds(5));
        Assert.Equal(await lab.Engine.FindImageAsync(lab.Box, Cancelled), container.ImageId);
        Assert.Equal(lab.Box, container.Image);
        Assert.Equal(lab.Id, container.Labels["lab"]);
        Assert.Empty(container.Ports);
    }

    [Fact]
    public async Task Containers_that_do_not_run_are_there_too_in_the_order_of_services()
    {
        var project = lab.Project("stopped");
        await lab.CreateAsync(project, "created", []);
        await EngineLab.WaitAsync(await lab.RunAsync(project, "exited", [], "exit", "3"));
        var paused = await lab.RunAsync(project, "paused", [], "stay");
        await Tool.DockerAsync("pause", paused);
        await lab.RunAsync(project, "running", ["--label", "com.docker.compose.oneoff=True"], "stay");

        var live = await lab.Engine.ObserveAsync(project, Cancelled);

        Assert.Equal(
            [("created", "created", 0L), ("exited", "exited", 3L), ("paused", "paused", 0L), ("running", "running", 0L)],
            live.Containers.Select(container => (container.Service, container.State, container.ExitCode)));
        Assert.Null(live.Containers[0].StartedAt);
        Assert.True(live.Containers[3].IsOneOff);
        Assert.Empty(live.Of("running"));
    }

    [Fact]
    public async Task A_container_that_cannot_be_started_tells_the_engines_reason()
    {
        var project = lab.Project("broken");
        var id = await lab.CreateAsync(project, "web", ["--entrypoint", "/missing"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Tool.DockerAsync("start", id));

        var container = Assert.Single((await lab.Engine.ObserveAsync(project, Cancelled)).Containers);

        Assert.Contains("/missing", container.Error);
        Assert.NotEqual(0, container.ExitCode);
    }

    [Fact]
    public async Task A_container_that_keeps_failing_counts_its_restarts()
    {
        var project = lab.Project("restarting");
        await lab.RunAsync(project, "web", ["--restart", "on-failure:2"], "exit", "1");

        var container = await UntilAsync(project, container => container.RestartCount == 2 && container.State == "exited");

        Assert.Equal("on-failure", container.RestartPolicy);
    }

    [Theory]
    [InlineData("exit", "0", "healthy", "")]
    [InlineData("complain", "no database", "unhealthy", "no database")]
    public async Task Health_and_what_the_last_check_printed_are_told(string word, string argument, string health, string output)
    {
        var project = lab.Project(health);
        IReadOnlyList<string> check = word == "exit" ? [word, argument] : [word, argument, "exit", "1"];
        var image = await lab.PullAsync(new TestImage { Version = lab.Id + health, Health = check }, health);
        await Tool.DockerAsync(
            "run", "-d", "--network", "none", "--label", $"lab={lab.Id}", "--label", $"com.docker.compose.project={project}", "--label", "com.docker.compose.service=web", image);

        var container = await UntilAsync(project, container => container.Health == health);

        Assert.Equal(output, container.HealthOutput);
    }

    [Fact]
    public async Task A_container_that_took_too_much_memory_is_told()
    {
        // the engine learns of the kill apart from the end, and forgets it when that comes second: one of a few is told in time
        for (var attempt = 1; ; attempt++)
        {
            var project = lab.Project($"hungry{attempt}");
            await EngineLab.WaitAsync(await lab.RunAsync(project, "web", ["--memory", "16m", "--memory-swap", "16m"], "eat"));

            var container = Assert.Single((await lab.Engine.ObserveAsync(project, Cancelled)).Containers);

            Assert.Equal(137L, container.ExitCode);
            if (container.WasKilledForMemory)
            {
                return;
            }

            Assert.InRange(attempt, 1, 9);
        }
    }

    [Fact]
    public async Task Published_ports_are_told_for_the_project_and_to_the_others()
    {
        var project = lab.Project("ports");
        var (port, other) = (FreePort.Take(), FreePort.Take());
        await lab.RunAsync(project, "web", ["--network", "bridge", "-p", $"127.0.0.1:{port}:8080"], "stay");
        var stranger = await lab.RunAsync(lab.Project("ports-other"), "dns", ["--network", "bridge", "-p", $"127.0.0.1:{other}:53/udp"], "stay");
        var ours = new HostPort("127.0.0.1", port, "tcp");
        var theirs = new HostPort("127.0.0.1", other, "udp");

        Assert.Equal([ours], Assert.Single((await lab.Engine.ObserveAsync(project, Cancelled)).Containers).Ports);
        var foreign = await lab.Engine.ReadForeignPortsAsync(project, Cancelled);
        var holder = Assert.Single(foreign, holder => holder.Port == theirs);
        Assert.StartsWith($"{lab.Project("ports-other")}-dns-", holder.ContainerName);
        Assert.DoesNotContain(foreign, holder => holder.Port == ours);

        await Tool.DockerAsync("stop", "-t", "1", stranger);
        Assert.DoesNotContain(await lab.Engine.ReadForeignPortsAsync(project, Cancelled), holder => holder.Port == theirs);
        Assert.Empty(Assert.Single((await lab.Engine.ObserveAsync(lab.Project("ports-other"), Cancelled)).Containers).Ports);
    }

    [Fact]
    public async Task Containers_that_come_and_go_meanwhile_do_not_disturb()
    {
        var project = lab.Project("busy");
        using var stop = new CancellationTokenSource();
        var coming = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var ids = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => lab.CreateAsync(project, "web", [])));
                    await Tool.DockerAsync(["rm", "-f", .. ids]);
                }
            },
            Cancelled);

        var seen = 0;
        for (var count = 0; count < 300 || (seen == 0 && count < 3000); count++)
        {
            seen += (await lab.Engine.ObserveAsync(project, Cancelled)).Containers.Count;
        }

        await stop.CancelAsync();
        await coming;
        Assert.True(seen > 0);
    }

    [Fact]
    public async Task Removing_a_container_removes_it_by_force_and_once()
    {
        var project = lab.Project("removed");
        var id = await lab.RunAsync(project, "web", [], "stay");

        await lab.Engine.RemoveContainerAsync(id, Cancelled);
        Assert.True((await lab.Engine.ObserveAsync(project, Cancelled)).IsEmpty);

        await lab.Engine.RemoveContainerAsync(id, Cancelled);
    }

    [Fact]
    public async Task Removing_a_container_leaves_its_volumes()
    {
        var id = await lab.RunAsync(lab.Project("volume"), "db", ["-v", "/data"], "stay"); // without a name: the kind that may be removed along
        var volume = await Tool.DockerAsync("inspect", "--format", "{{(index .Mounts 0).Name}}", id);

        await lab.Engine.RemoveContainerAsync(id, Cancelled);

        Assert.Equal(volume, await Tool.DockerAsync("volume", "ls", "-q", "--filter", $"name={volume}"));
        await Tool.DockerAsync("volume", "rm", volume);
    }

    [Fact]
    public async Task The_engines_insecure_registries_are_known() => Assert.Contains("127.0.0.0/8", await lab.Engine.ReadInsecureRegistriesAsync(Cancelled));

    private async Task<LiveContainer> UntilAsync(string project, Func<LiveContainer, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var container = Assert.Single((await lab.Engine.ObserveAsync(project, deadline.Token)).Containers);
            if (condition(container))
            {
                return container;
            }

            await Task.Delay(100, deadline.Token);
        }
    }
}
