using System.Collections.Concurrent;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Tests.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Lab;
using Engine = Eclusier.Adapters.DockerEngine.DockerEngine;

namespace Eclusier.Adapters.Tests.DockerEngine;

public sealed class LogsSpecs(EngineLab lab) : IClassFixture<EngineLab>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_streams_are_read_with_time_service_and_container()
    {
        var lines = await LogsAsync("streams", [], 10, "say", "é one", "rest", "0.1", "complain", "two", "rest", "0.1", "say", "", "rest", "0.1", "print", "no line break");

        Assert.Equal(["é one", "two", "", "no line break"], lines.Select(line => line.Text));
        Assert.All(lines, line => Assert.Equal("web", line.Service));
        Assert.All(lines, line => Assert.StartsWith(lab.Project("streams"), line.ContainerName));
        Assert.All(lines, line => Assert.InRange(line.At, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.Equal(lines.OrderBy(line => line.At), lines);
    }

    [Fact]
    public async Task The_last_lines_are_read() =>
        Assert.Equal(["line 98", "line 99", "line 100"], (await LogsAsync("tail", [], 3, "count", "100")).Select(line => line.Text));

    [Fact]
    public async Task The_output_of_a_terminal_is_read() =>
        Assert.Equal(["one", "two"], (await LogsAsync("terminal", ["-t"], 10, "say", "one", "complain", "two")).Select(line => line.Text));

    [Fact]
    public async Task A_long_line_is_cut()
    {
        var lines = await LogsAsync("long", [], 10, "long", "100000", "say", "next");

        Assert.Equal([new string('x', 4096) + "…", "next"], lines.Select(line => line.Text));
    }

    [Fact]
    public async Task A_container_that_is_gone_has_no_log()
    {
        var project = lab.Project("gone");
        var id = await lab.RunAsync(project, "web", [], "say", "hello");
        var container = Assert.Single((await lab.Engine.ObserveAsync(project, Cancelled)).Containers);
        await lab.Engine.RemoveContainerAsync(id, Cancelled);

        Assert.Empty(await lab.Engine.ReadLogsAsync(container, 10, Cancelled));
    }

    [Fact]
    public async Task Following_tells_what_is_written_from_now_on_by_those_that_run_and_those_that_start()
    {
        var project = lab.Project("follow");
        await lab.RunAsync(project, "old", [], "say", "before", "rest", "3", "say", "after", "stay");
        await lab.RunAsync(lab.Project("follow-other"), "old", [], "tick", "0.1");
        await Task.Delay(1000, Cancelled);
        await using var follower = new Following(lab.Engine, project);
        await Task.Delay(500, Cancelled);

        await lab.RunAsync(project, "new", [], "say", "hello", "complain", "and bye", "stay");
        await follower.UntilAsync("old: after", "new: hello", "new: and bye");

        Assert.Equal(3, follower.Lines.Count);
    }

    [Fact]
    public async Task A_container_that_restarts_is_followed_on_without_repeating_anything()
    {
        var project = lab.Project("again");
        await using var follower = new Following(lab.Engine, project);
        await Task.Delay(500, Cancelled);
        var id = await lab.RunAsync(project, "web", ["--restart", "on-failure:2"], "say", "started", "rest", "0.3", "exit", "1");
        await follower.UntilAsync(lines => lines.Count >= 3);
        for (var tries = 0; tries < 100 && await Tool.DockerAsync("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", id) != "2 exited"; tries++)
        {
            await Task.Delay(100, Cancelled);
        }

        await Tool.DockerAsync("start", id);
        await follower.UntilAsync(lines => lines.Count >= 6);
        await Task.Delay(2000, Cancelled);

        Assert.Equal(Enumerable.Repeat("web: started", 6), follower.Lines);
    }

    [Fact]
    public async Task Following_outlives_the_engines_absence()
    {
        var project = lab.Project("absence");
        await lab.RunAsync(project, "web", [], "tick", "0.2");
        await using var relay = EngineRelay.Start();
        using var folder = new DockerFolder();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions { Endpoint = relay.Endpoint, ReconnectDelay = TimeSpan.FromMilliseconds(200) });
        await using var follower = new Following(engine, project);
        await follower.UntilAsync(lines => lines.Count >= 3);

        relay.Stop();
        var seen = follower.Lines.Count;
        await lab.RunAsync(project, "late", [], "say", "started meanwhile", "stay");
        await Task.Delay(1000, Cancelled);
        relay.StartAgain();
        await follower.UntilAsync(lines => lines.Count >= seen + 10 && lines.Contains("late: started meanwhile"));

        var ticks = follower.Lines.Where(line => line.StartsWith("web: tick", StringComparison.Ordinal)).Select(line => int.Parse(line["web: tick ".Length..])).ToList();
        Assert.Equal(Enumerable.Range(ticks[0], ticks.Count), ticks); // nothing missing, nothing twice
    }

    [Fact]
    public async Task Following_an_engine_that_was_never_there_fails()
    {
        using var folder = new DockerFolder();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions { Endpoint = "unix:///nowhere/engine.sock" });

        var failure = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var line in engine.FollowLogsAsync(lab.Project("never"), Cancelled))
            {
                Assert.Fail(line.Text);
            }
        });
        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    private async Task<IReadOnlyList<ContainerLogLine>> LogsAsync(string name, IReadOnlyList<string> options, int lines, params IReadOnlyList<string> command)
    {
        await EngineLab.WaitAsync(await lab.RunAsync(lab.Project(name), "web", options, command));
        return await lab.Engine.ReadLogsAsync(Assert.Single((await lab.Engine.ObserveAsync(lab.Project(name), Cancelled)).Containers), lines, Cancelled);
    }

    private sealed class Following : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly ConcurrentQueue<string> lines = new();
        private readonly Task reading;

        public Following(IEngine engine, string project) => reading = ReadAsync(engine, project);

        public IReadOnlyList<string> Lines => [.. lines];

        public Task UntilAsync(params IReadOnlyList<string> wanted) => UntilAsync(seen => wanted.All(seen.Contains));

        public async Task UntilAsync(Func<IReadOnlyList<string>, bool> condition)
        {
            for (var tries = 0; !condition(Lines); tries++)
            {
                Assert.True(tries < 300, $"not in time; seen until now:\n{string.Join('\n', Lines)}");
                await Task.WhenAny(reading, Task.Delay(100, Cancelled));
                Assert.False(reading.IsFaulted, reading.Exception?.ToString());
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(10)));
            stop.Dispose();
        }

        private async Task ReadAsync(IEngine engine, string project)
        {
            await foreach (var line in engine.FollowLogsAsync(project, stop.Token))
            {
                lines.Enqueue($"{line.Service}: {line.Text}");
            }
        }
    }
}
