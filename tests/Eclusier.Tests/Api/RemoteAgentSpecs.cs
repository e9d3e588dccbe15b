using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Eclusier.Api;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Tests.Api;

/// <summary>The client and the API together, over a real socket.</summary>
public sealed class RemoteAgentSpecs : IAsyncLifetime
{
    private static readonly StackName Shop = StackName.Parse("shop");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly List<ProgressLine> _progress = [];
    private Daemon _daemon = null!;
    private RemoteAgent _remote = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"));
        _remote = new RemoteAgent(_daemon.Socket, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _remote.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Reports_arrive_as_they_were_given()
    {
        var agent = _daemon.Agent;
        Assert.Equal("1.2.3", (await _remote.GreetAsync(Cancellation))!.Version);
        AssertSame(new StatusDocument([.. agent.Statuses.Values]), new StatusDocument(await _remote.StatusAsync(null, Cancellation)));
        AssertSame(new StatusDocument([Some.Status]), new StatusDocument(await _remote.StatusAsync(Shop, Cancellation)));
        AssertSame(Some.History, await _remote.HistoryAsync(null, 5, Cancellation));
        AssertSame(Some.History, await _remote.HistoryAsync(Shop, 7, Cancellation));
        AssertSame(Some.Release, (await _remote.ShowAsync(Shop, 41, Cancellation))!);
        Assert.Null(await _remote.ShowAsync(Shop, 99, Cancellation));
        AssertSame(Some.Comparison, (await _remote.CompareAsync(Shop, 41, 42, Cancellation))!);
        Assert.Null(await _remote.CompareAsync(Shop, 41, 99, Cancellation));
        AssertSame(Some.Stats, await _remote.StatsAsync(Cancellation));
        AssertSame(Some.Notified, await _remote.TestNotifiersAsync("ops", Cancellation));
        agent.Stats = new StatsReport();
        AssertSame(agent.Stats, await _remote.StatsAsync(Cancellation));

        AssertSame(agent.Reload(), await _remote.ReloadAsync(Cancellation));

        Assert.Equal(["status", "status shop", "history * 5", "history shop 7", "show shop 41", "show shop 99", "compare shop 41 42", "compare shop 41 99", "stats", "notify test ops", "stats", "reload"], agent.Calls);
    }

    [Fact]
    public async Task Work_is_asked_for_and_shows_progress_and_its_outcome()
    {
        _daemon.Agent.Outcome = stack => new OutcomeReport(stack.Value, "rolled-back", "web exited with 1", Some.Deployment);
        var outcome = new OutcomesDocument([new OutcomeReport("shop", "rolled-back", "web exited with 1", Some.Deployment)]);

        AssertSame(outcome, new OutcomesDocument([await _remote.DeployAsync(Shop, force: false, _progress.Add, Cancellation)]));
        AssertSame(outcome, new OutcomesDocument([await _remote.DeployAsync(Shop, force: true, _progress.Add, Cancellation)]));
        AssertSame(outcome, new OutcomesDocument([await _remote.RollBackAsync(Shop, null, _progress.Add, Cancellation)]));
        AssertSame(outcome, new OutcomesDocument([await _remote.RollBackAsync(Shop, 40, _progress.Add, Cancellation)]));
        AssertSame(outcome, new OutcomesDocument([await _remote.RetryAsync(Shop, _progress.Add, Cancellation)]));
        AssertSame(new StreamLine { Plan = Some.Plan }, new StreamLine { Plan = await _remote.PlanAsync(Shop, _progress.Add, Cancellation) });

        Assert.Equal(["deploy shop", "deploy shop force", "rollback shop previous", "rollback shop 40", "retry shop", "plan shop"], _daemon.Agent.Calls);
        Assert.Equal(Enumerable.Repeat(new ProgressLine(Some.Now, "shop", "information", "Checking for updates"), 6), _progress);
    }

    [Fact]
    public async Task Stacks_are_suspended_and_resumed()
    {
        Assert.Equal(new OutcomeReport("shop", "done", "suspended: Ann's on it", null), await _remote.SuspendAsync(Shop, "Ann's on it", Cancellation));
        Assert.Equal(new OutcomeReport("shop", "done", "resumed", null), await _remote.ResumeAsync(Shop, Cancellation));
        Assert.Equal(["suspend shop: Ann's on it", "resume shop"], _daemon.Agent.Calls);
    }

    [Fact]
    public async Task Logs_come_to_an_end_or_are_followed_until_the_client_has_enough()
    {
        Assert.Equal(_daemon.Agent.Logs, await _remote.LogsAsync(Shop, 10, follow: false, Cancellation).ToListAsync(Cancellation));

        var first = await _remote.LogsAsync(Shop, 5, follow: true, Cancellation).FirstAsync(Cancellation); // leaves in the middle
        Assert.Equal(_daemon.Agent.Logs[0], first);
        await _daemon.Agent.LogsEnded.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal(["logs shop 10", "logs shop 5 follow"], _daemon.Agent.Calls);
    }

    [Fact]
    public async Task Progress_is_sent_while_the_work_goes_on()
    {
        var gate = new TaskCompletionSource();
        _daemon.Agent.Gate = gate.Task;
        var seen = new TaskCompletionSource();
        var deploying = _remote.DeployAsync(Shop, force: false, _ => seen.TrySetResult(), Cancellation);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.False(deploying.IsCompleted);

        gate.SetResult();
        Assert.Equal("committed", (await deploying).Outcome);
    }

    [Fact]
    public async Task A_deployment_goes_on_when_its_client_leaves()
    {
        var gate = new TaskCompletionSource();
        _daemon.Agent.Gate = gate.Task;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var deploying = _remote.DeployAsync(Shop, force: false, _progress.Add, leaving.Token);
        await _daemon.Agent.WorkBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deploying);
        _remote.Dispose(); // and its connection is closed
        await Task.Delay(200, Cancellation);
        Assert.False(_daemon.Agent.WorkEnded.Task.IsCompleted);

        gate.SetResult();
        Assert.Equal("done", await _daemon.Agent.WorkEnded.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal("", _daemon.Journal);
    }

    [Fact]
    public async Task A_plan_ends_when_its_client_leaves()
    {
        _daemon.Agent.Gate = new TaskCompletionSource().Task;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var planning = _remote.PlanAsync(Shop, _progress.Add, leaving.Token);
        await _daemon.Agent.WorkBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => planning);

        Assert.Equal("cancelled", await _daemon.Agent.WorkEnded.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal("", _daemon.Journal);
    }

    [Fact]
    public async Task A_refusal_is_a_request_exception_before_and_after_the_first_line()
    {
        _daemon.Agent.Outcome = _ => throw new RequestException("release #12 never passed");
        var late = await Assert.ThrowsAsync<RequestException>(() => _remote.RollBackAsync(Shop, 12, _progress.Add, Cancellation));
        Assert.Equal("release #12 never passed", late.Message);

        var early = await Assert.ThrowsAsync<RequestException>(() => _remote.DeployAsync(StackName.Parse("attic"), force: false, _progress.Add, Cancellation));
        Assert.Equal("the daemon keeps no stack attic; it keeps: shop, blog", early.Message);
    }

    [Fact]
    public async Task A_failure_inside_the_daemon_tells_its_message_and_the_journal_the_rest()
    {
        _daemon.Agent.Outcome = _ => throw new IOException("the disk is full");
        var exception = await Assert.ThrowsAsync<DaemonException>(() => _remote.DeployAsync(Shop, force: false, _progress.Add, Cancellation));

        Assert.Equal("the disk is full (the daemon's journal has more)", exception.Message);
        Assert.Equal("<3>The request POST /api/v1/stacks/shop/deploy failed\n<4>IOException: the disk is full\n", _daemon.Journal);
    }

    [Fact]
    public async Task A_daemon_that_stops_says_so_to_those_who_listen()
    {
        _daemon.Agent.Gate = new TaskCompletionSource().Task;
        var deploying = _remote.DeployAsync(Shop, force: false, _progress.Add, Cancellation);
        await _daemon.Agent.WorkBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var stopping = _daemon.StopAsync();

        Assert.Contains("the daemon is stopping", (await Assert.ThrowsAsync<DaemonException>(() => deploying)).Message);
        await stopping;
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")] // before the first line
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"pro\r\n")] // within a line
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")] // properly, but without an outcome
    [InlineData("")] // before an answer
    public async Task A_daemon_that_dies_in_the_middle_is_reported_as_such(string lastWords)
    {
        var path = Path.Combine(_folder.FullName, "dying.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var dying = Task.Run(async () =>
        {
            using var connection = await listener.AcceptAsync(Cancellation);
            await connection.ReceiveAsync(new byte[4096], Cancellation);
            await connection.SendAsync(Encoding.ASCII.GetBytes(lastWords), Cancellation);
        }, Cancellation);
        using var remote = new RemoteAgent(path, TimeProvider.System);

        var exception = await Assert.ThrowsAsync<DaemonException>(() => remote.DeployAsync(Shop, force: false, _progress.Add, Cancellation));
        Assert.Equal($"the daemon at {path} went away before it was done; it finishes or undoes what was begun when it is back: see `eclusier status`", exception.Message);
        await dying;
    }

    [Fact]
    public async Task A_daemon_that_hangs_is_not_waited_for()
    {
        var path = Path.Combine(_folder.FullName, "hung.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(); // and never accepts
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var remote = new RemoteAgent(path, time);
        var greeting = remote.GreetAsync(Cancellation);
        while (!greeting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancellation);
        }

        Assert.Contains("did not answer within 5 s", (await Assert.ThrowsAsync<DaemonException>(() => greeting)).Message);
    }

    private static void AssertSame<T>(T expected, T actual) => Assert.Equal(
        JsonSerializer.Serialize(expected, typeof(T), AgentJson.Readable),
        JsonSerializer.Serialize(actual, typeof(T), AgentJson.Readable));
}
