using System.Net.Sockets;
using Eclusier.Api;
using Eclusier.Commands;
using Eclusier.Operations;

namespace Eclusier.Tests.Api;

/// <summary>Where the daemon listens, and whom a command finds there.</summary>
public sealed class SocketSpecs : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    private string StateSocket => Path.Combine(_bench.State, "eclusier.sock");

    [Fact]
    public async Task Only_its_owner_may_open_the_socket()
    {
        await using var daemon = await Daemon.StartAsync(Path.Combine(_bench.State, "deep", "er", "e.sock"));

        Assert.Equal(AgentSocket.ForOwner, File.GetUnixFileMode(daemon.Socket));
    }

    [Fact]
    public async Task A_file_left_by_a_dead_agent_is_replaced()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(StateSocket));
            File.Move(StateSocket, StateSocket + ".kept"); // closing removes the name it was bound to
        }

        File.Move(StateSocket + ".kept", StateSocket);
        using var client = new RemoteAgent(StateSocket, TimeProvider.System);
        Assert.Null(await client.GreetAsync(TestContext.Current.CancellationToken));

        await using var daemon = await Daemon.StartAsync(StateSocket);
        Assert.NotNull(await client.GreetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_socket_that_is_in_use_is_not_taken_away()
    {
        await using var daemon = await Daemon.StartAsync(StateSocket);
        var exception = await Assert.ThrowsAnyAsync<IOException>(() => Daemon.StartAsync(StateSocket));

        Assert.Contains($"another program is listening at {StateSocket}", exception.ToString());
        using var client = new RemoteAgent(StateSocket, TimeProvider.System);
        Assert.NotNull(await client.GreetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_named()
    {
        var path = Path.Combine(_bench.State, new string('x', 120));

        Assert.Contains(path, (await Assert.ThrowsAsync<IOException>(() => Daemon.StartAsync(path))).Message);
    }

    [Fact]
    public async Task The_daemon_listens_in_the_run_folder_unless_it_may_not_or_another_does()
    {
        Assert.Equal(_bench.RunSocket, Choose(_bench.RunSocket));
        Assert.Equal(StateSocket, Choose("/proc/eclusier/eclusier.sock"));

        await using var other = await Daemon.StartAsync(_bench.RunSocket);
        Assert.Equal(StateSocket, Choose(_bench.RunSocket));

        string Choose(string runSocket)
        {
            var chosen = AgentSocket.Choose(_bench.Settings, TimeProvider.System, out var claim, runSocket);
            claim?.Dispose();
            return chosen;
        }
    }

    [Fact]
    public void Of_two_daemons_that_start_at_once_one_gets_the_run_folder()
    {
        Assert.Equal(_bench.RunSocket, AgentSocket.Choose(_bench.Settings, TimeProvider.System, out var first, _bench.RunSocket));
        Assert.Equal(StateSocket, AgentSocket.Choose(_bench.Settings, TimeProvider.System, out var second, _bench.RunSocket)); // the first does not listen yet

        Assert.Null(second);
        first!.Dispose();
        Assert.Equal(_bench.RunSocket, AgentSocket.Choose(_bench.Settings, TimeProvider.System, out var third, _bench.RunSocket));
        third!.Dispose();
    }

    [Fact]
    public async Task A_command_does_not_wait_for_another_agent_s_daemon_that_hangs()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.RunSocket)!);
        using var hanging = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hanging.Bind(new UnixDomainSocketEndPoint(_bench.RunSocket));
        hanging.Listen(1); // the kernel accepts, and nobody answers
        await using var daemon = await Daemon.StartAsync(StateSocket, stateDirectory: _bench.State, stacks: ["shop"]);

        await using var connection = await new AgentConnector(_bench.Context.OpenLocalAgent, TimeProvider.System, _bench.RunSocket)
            .ConnectAsync(_bench.Settings, "status", readOnly: true, TestContext.Current.CancellationToken);

        Assert.True(connection.IsDaemon);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_asks_the_daemon_at_either_socket(bool inRunFolder)
    {
        await using var daemon = await Daemon.StartAsync(inRunFolder ? _bench.RunSocket : StateSocket, stateDirectory: _bench.State, stacks: ["shop"]);

        Assert.Equal(ExitCodes.Done, await _bench.RunAsync("deploy"));
        Assert.Equal("shop: committed: release #42 is last known good\n", _bench.Output);
        Assert.Equal("14:02:11 shop: Checking for updates\n", _bench.Error);
        Assert.Equal(["deploy shop"], daemon.Agent.Calls);
        Assert.Empty(_bench.Opened);
    }

    [Fact]
    public async Task The_daemons_own_stacks_are_the_ones_that_count()
    {
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stateDirectory: _bench.State, stacks: ["blog"]);

        Assert.Equal(ExitCodes.Usage, await _bench.RunAsync("deploy", "shop"));
        Assert.Contains("stacks: blog", _bench.Error);
    }

    [Fact]
    public async Task A_daemon_with_another_state_folder_is_somebody_else()
    {
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stateDirectory: "/srv/other");

        Assert.Equal(ExitCodes.Done, await _bench.RunAsync("deploy"));
        Assert.Equal(["deploy"], _bench.Opened);
        Assert.Empty(daemon.Agent.Calls);
    }

    [Fact]
    public async Task An_upgrade_that_was_not_followed_by_a_restart_is_noticed()
    {
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stateDirectory: _bench.State, stacks: ["shop"], version: "1.2.2");
        await _bench.RunAsync("status");

        Assert.Equal("warning: the daemon is still version 1.2.2, this is 1.2.3: restart it\n", _bench.Error);
    }

    [Fact]
    public async Task Without_a_usable_configuration_the_running_daemon_still_answers()
    {
        _bench.Problems.Add("/etc/eclusier/eclusier.yaml: permission denied");
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stacks: ["shop"]);

        Assert.Equal(ExitCodes.Done, await _bench.RunAsync("status"));
        Assert.StartsWith("shop: rolled-back", _bench.Output);
        Assert.StartsWith("warning: /etc/eclusier/eclusier.yaml cannot be used", _bench.Error);
    }

    [Fact]
    public async Task But_not_when_another_configuration_was_asked_for()
    {
        _bench.Problems.Add("/srv/other.yaml: not found");
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stacks: ["shop"]);

        Assert.Equal(ExitCodes.Usage, await _bench.RunAsync("status", "--config", "/srv/other.yaml"));
        Assert.Empty(daemon.Agent.Calls);
    }

    [Fact]
    public async Task A_daemon_that_fails_makes_exit_code_5()
    {
        await using var daemon = await Daemon.StartAsync(_bench.RunSocket, stateDirectory: _bench.State, stacks: ["shop"]);
        daemon.Agent.Outcome = _ => throw new IOException("the disk is full");
        Assert.Equal(ExitCodes.Unknown, await _bench.RunAsync("deploy"));

        daemon.Agent.Outcome = _ => throw new RequestException("never passed");
        Assert.Equal(ExitCodes.Usage, await _bench.RunAsync("deploy"));
    }
}
