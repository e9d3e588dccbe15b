using System.Text.Json.Nodes;
using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>A service with the label <c>eclusier.reload</c> gets a signal when only files changed that it mounts.</summary>
public sealed class ReloadSpecs : IDisposable
{
    private const string WorkTree = "/var/lib/eclusier/stacks/shop/work";

    private static readonly string[] SentOnce = ["signal SIGHUP to shop-web-1"];

    private readonly FakeHost host = new();

    public ReloadSpecs()
    {
        host.Registry.Push("registry.test/web:v1", "web v1");
        host.Registry.Push("registry.test/web:v2", "web v2");
        Commit("one");
        host.Poll();
        host.Calls.Clear();
    }

    private FakeContainer Web => host.Engine.Of("shop", "web").Single();

    private IReadOnlyList<string> Signals => host.Calls.Of("signal");

    public void Dispose() => host.Dispose();

    [Fact]
    public void It_is_told_and_keeps_its_container()
    {
        var id = Web.Id;
        Commit("two");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(SentOnce, Signals);
        Assert.Equal(id, Web.Id);
        Assert.Equal(["web.conf"], host.WorkTree.InPlace);
        Assert.Contains(host.Log, line => line == "Information: shop: Plan: signal SIGHUP to web (mounted web.conf changed)");
        Assert.Equal(["move", "up #2", "signal SIGHUP to shop-web-1"], host.Calls.Touches.Select(call => call.StartsWith("move", StringComparison.Ordinal) ? "move" : call).Concat(Signals));
    }

    [Fact]
    public void Another_commit_tells_it_nothing()
    {
        host.Repository.Commit(Model("v1").With("other", "command", "other")).Files["web.conf"] = "one";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Empty(Signals);
    }

    [Fact]
    public void The_others_are_recreated_as_ever()
    {
        var id = Web.Id;
        host.Repository.Commit(Model("v2")).Files["web.conf"] = "two";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.NotEqual(id, Web.Id); // another image
        Assert.Empty(Signals);
    }

    [Fact]
    public void Going_back_tells_it_too()
    {
        var id = Web.Id;
        host.Repository.Commit(Model("v1").With("other", "command", "bad")).Files["web.conf"] = "two";
        host.Calls.Before("up #2", () =>
        {
            host.Probes.Failing[Some.Probe.Title] = "HTTP 500";
            host.Clock.In(TimeSpan.FromSeconds(105), host.Probes.Failing.Clear); // the gate ended at 100 s
        });

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal([.. SentOnce, .. SentOnce], Signals);
        Assert.Equal(id, Web.Id);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.Equal(2, Signals.Count);
    }

    [Theory]
    [InlineData("journal: loaded files")]
    [InlineData("move")]
    [InlineData("up #2")]
    [InlineData("signal")]
    public void Whoever_finishes_the_deployment_of_a_dead_agent_tells_it(string lastCall)
    {
        var id = Web.Id;
        Commit("two");
        host.Calls.KillAfter(lastCall);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Calls.Clear();
        host.Restart();

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Equal(SentOnce, Signals);
        Assert.Equal(id, Web.Id);
    }

    [Fact]
    public void Agents_that_die_once_they_have_told_it_leave_it_to_be_told_of_the_way_back()
    {
        Commit("two");
        host.Calls.KillAfter("signal");
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();
        host.Calls.KillAfter("signal");
        Assert.Throws<AgentKilledException>(() => host.Recover());
        host.Restart();
        host.Calls.Clear();

        Assert.IsType<Outcome.RolledBack>(host.Recover()); // begun twice: the release is given up

        Assert.Equal(SentOnce, Signals); // though what was last known to be loaded is just what it goes back to
    }

    [Fact]
    public void What_was_replaced_on_the_disk_has_to_be_mounted_anew()
    {
        var id = Web.Id;
        host.Files.Places[$"{WorkTree}/web.conf"] = "2"; // an editor wrote it anew
        Commit("two");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Empty(Signals);
        Assert.NotEqual(id, Web.Id);
        Assert.Contains(host.Log, line => line.StartsWith("Information: shop: Plan: recreate web (mounted web.conf changed, it would not see its files after SIGHUP", StringComparison.Ordinal));

        id = Web.Id;
        Commit("three");
        host.Poll();
        Assert.Equal(SentOnce, Signals);
        Assert.Equal(id, Web.Id);
    }

    [Fact]
    public void An_edit_that_is_taken_back_is_told()
    {
        var id = Web.Id;
        (host.WorkTree.Patch, host.WorkTree.Edited) = ("/patch", ["web.conf"]);

        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);

        Assert.Equal(SentOnce, Signals);
        Assert.Equal(id, Web.Id);
    }

    [Fact]
    public void An_unknown_past_is_settled_by_a_new_container()
    {
        var id = Web.Id;
        host.Journal.RecordLoadedFiles(Some.Shop, "");
        Commit("two");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.NotEqual(id, Web.Id);
        Assert.Equal("web", Assert.Single(LoadedFiles.Parse(host.State.LoadedFiles)).Service);
    }

    [Fact]
    public void One_that_is_paused_is_told_once_it_runs_on()
    {
        Web.IsPaused = true;
        Commit("two");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.False(Web.IsPaused);
        Assert.Equal(SentOnce, Signals);
    }

    [Fact]
    public void A_network_is_nothing_to_reload()
    {
        var id = Web.Id;
        var model = Model("v1");
        model["networks"]!["default"]!["internal"] = true;
        host.Repository.Commit(model).Files["web.conf"] = "one";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.NotEqual(id, Web.Id);
        Assert.Empty(Signals);
    }

    [Fact]
    public void The_engine_going_away_before_it_is_told_leaves_it_to_be_told()
    {
        Commit("two");
        host.Calls.Before("up #2", () =>
        {
            host.Clock.In(TimeSpan.FromSeconds(1), () => host.Engine.IsAway = true);
            host.Clock.In(TimeSpan.FromSeconds(20), () => host.Engine.IsAway = false);
        });
        host.Compose.UpTakes = TimeSpan.FromSeconds(2);

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(SentOnce, Signals);
        Assert.Single(host.Calls.Of("up"));
    }

    [Theory]
    [InlineData("SIGHOP")]
    [InlineData("9")]
    [InlineData("SIGKILL")]
    [InlineData("")]
    public void A_signal_that_there_is_not_is_turned_down(string signal)
    {
        host.Repository.Commit(Model("v1", signal));

        var rejected = Assert.IsType<Outcome.Rejected>(host.Poll());

        Assert.Equal($"compose.yaml: service web: the label eclusier.reload is '{signal}', which is no signal that a program can handle; expected a name like SIGHUP, SIGUSR1 or SIGRTMIN+1", rejected.Message);
        Assert.Empty(host.Calls.Touches);
    }

    [Theory]
    [InlineData("hup", "SIGHUP")]
    [InlineData("USR2", "SIGUSR2")]
    [InlineData("SIGRTMIN+3", "SIGRTMIN+3")]
    public void Signals_are_named_as_Docker_names_them(string written, string sent)
    {
        host.Repository.Commit(Model("v1", written)).Files["web.conf"] = "one";
        host.Poll();
        host.Calls.Clear();
        host.Repository.Commit(Model("v1", written)).Files["web.conf"] = "two";
        host.Poll();

        Assert.Equal([$"signal {sent} to shop-web-1"], Signals);
    }

    private void Commit(string content) => host.Repository.Commit(Model("v1")).Files["web.conf"] = content;

    private static JsonObject Model(string tag, string signal = "SIGHUP") => Some.Model(("web", $"registry.test/web:{tag}"), ("other", "registry.test/web:v1"))
        .With("web", "labels", new JsonObject { ["eclusier.reload"] = signal })
        .With("web", "volumes", new JsonArray(new JsonObject { ["type"] = "bind", ["source"] = $"{WorkTree}/web.conf", ["target"] = "/web.conf" }));
}
