using System.Text.Json.Nodes;
using Eclusier.Core.Applying;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Planning;
using Eclusier.Core.Releases;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Planning;

public sealed class PlannerSpecs : IDisposable
{
    private static readonly ReleaseService Web = Some.Service("web");

    private static readonly LiveContainer Running = Some.Container(Web);

    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void What_runs_as_it_should_is_kept() => Assert.Equal(ServiceAction.Keep, Compare(Running).Action);

    [Fact]
    public void A_new_service_is_created() => Assert.Equal("create web (new)", Compare().ToString());

    [Fact]
    public void A_container_that_is_gone_is_created_again() => Assert.Equal("create web (its container is gone)", Compare(before: Model(), containers: []).ToString());

    [Fact]
    public void Another_definition_recreates_and_says_what_differs() =>
        Assert.Equal("recreate web (command)", Compare(before: Model().With("web", "command", "serve"), containers: Running with { ConfigHash = "old" }).ToString());

    [Fact]
    public void Another_definition_of_unknown_origin_recreates() =>
        Assert.Equal("recreate web (its container was not made from this definition)", Compare(Running with { ConfigHash = "old" }).ToString());

    [Fact]
    public void Without_a_hash_the_image_decides()
    {
        var service = Web with { ConfigHash = "" };

        Assert.Equal(ServiceAction.Keep, Compare(service, Running).Action);
        Assert.Equal(ServiceAction.Recreate, Compare(service, Running with { ImageId = "sha256:other" }).Action);
        Assert.Equal(ServiceAction.Keep, Compare(service with { ImageId = "" }, Running).Action); // not staged yet: by reference
    }

    [Fact]
    public void Another_number_of_containers_is_scaled() => Assert.Equal("scale web (1 → 3)", Compare(Web with { Replicas = 3 }, Running).ToString());

    [Fact]
    public void Scaling_to_nothing_is_a_change_too()
    {
        Assert.Equal("scale web (1 → 0)", Compare(Web with { Replicas = 0 }, Running).ToString());
        Assert.Equal(ServiceAction.Keep, Compare(Web with { Replicas = 0 }, []).Action);
    }

    [Fact]
    public void A_stopped_container_is_started() => Assert.Equal("start web (it is exited)", Compare(Running with { State = "exited", ExitCode = 137 }).ToString());

    [Fact]
    public void A_job_that_did_its_work_is_kept() => Assert.Equal(ServiceAction.Keep, Compare(Running with { State = "exited", ExitCode = 0, RestartPolicy = "no" }).Action);

    [Fact]
    public void What_is_no_longer_in_the_project_is_removed_once()
    {
        var old = Some.Container(Some.Service("old"));

        var changes = Planner.Compare(Model(), [Web], new LiveStack([Running, old, old with { Id = "2" }]), running: null, NoReloads);

        Assert.Equal(["keep web", "remove old (no longer in the project)"], changes.Select(change => change.ToString()));
    }

    [Fact]
    public void One_off_containers_are_left_alone() =>
        Assert.Single(Planner.Compare(Model(), [Web], new LiveStack([Running, Some.Container(Some.Service("old")) with { IsOneOff = true }]), running: null, NoReloads));

    [Fact]
    public void A_plan_without_changes_is_empty_and_says_so()
    {
        var plan = new Plan([new ServiceChange("web", ServiceAction.Keep, [])], []);

        Assert.True(plan.IsEmpty);
        Assert.Equal("nothing to change", plan.ToString());
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("127.0.0.1")]
    public void A_port_held_by_another_project_is_an_obstacle(string address)
    {
        host.Engine.ForeignPorts.Add(new PortHolder(new HostPort(address, 8080, "tcp"), "blog-web-1"));

        Assert.Equal(["port 127.0.0.1:8080/tcp of service web is taken by container blog-web-1"], Obstacles());
    }

    [Theory]
    [InlineData("192.168.1.1", 8080, "tcp")]
    [InlineData("127.0.0.1", 8081, "tcp")]
    [InlineData("127.0.0.1", 8080, "udp")]
    public void Another_address_port_or_protocol_is_none(string address, int port, string protocol)
    {
        host.Engine.ForeignPorts.Add(new PortHolder(new HostPort(address, port, protocol), "blog-web-1"));
        host.Ports.Listening.Add(new HostPort(address, port, protocol));

        Assert.Empty(Obstacles());
    }

    [Fact]
    public void A_port_held_by_a_program_is_an_obstacle()
    {
        host.Ports.Listening.Add(new HostPort("0.0.0.0", 8080, "tcp"));

        Assert.Equal(["port 127.0.0.1:8080/tcp of service web is taken by a program on this host"], Obstacles());
    }

    [Fact]
    public void A_port_that_the_project_holds_itself_is_none()
    {
        var container = new FakeContainer { Id = "1", Name = "shop-old-1", Project = "shop", Service = "old", Image = "", ImageId = "", Behaviour = ImageBehaviour.Fine, Ports = [new HostPort("127.0.0.1", 8080, "tcp")] };
        container.Start(host.Clock.GetUtcNow());
        host.Engine.Containers.Add(container);
        host.Ports.Listening.Add(new HostPort("127.0.0.1", 8080, "tcp"));

        Assert.Empty(Obstacles());
    }

    [Fact]
    public void A_service_that_stays_needs_no_port()
    {
        var container = new FakeContainer { Id = "1", Name = "shop-web-1", Project = "shop", Service = "web", Image = Web.Reference, ImageId = Web.ImageId, ConfigHash = Web.ConfigHash, Behaviour = ImageBehaviour.Fine };
        container.Start(host.Clock.GetUtcNow());
        host.Engine.Containers.Add(container);
        host.Engine.ForeignPorts.Add(new PortHolder(new HostPort("127.0.0.1", 8080, "tcp"), "blog-web-1"));

        Assert.Empty(Obstacles());
    }

    private static Dictionary<string, Reload> NoReloads => [];

    private static JsonObject Model() => Some.Model(("web", Web.Reference));

    private static ServiceChange Compare(params LiveContainer[] containers) => Compare(Web, containers);

    private static ServiceChange Compare(JsonObject before, params LiveContainer[] containers) => Assert.Single(Planner.Compare(Model(), [Web], new LiveStack(containers), before, NoReloads));

    private static ServiceChange Compare(ReleaseService service, params LiveContainer[] containers) => Assert.Single(Planner.Compare(Model(), [service], new LiveStack(containers), running: null, NoReloads));

    private IReadOnlyList<string> Obstacles()
    {
        var model = Model().With("web", "ports", new JsonArray(new JsonObject { ["target"] = 80, ["published"] = "8080", ["protocol"] = "tcp", ["host_ip"] = "127.0.0.1" }));
        return host.Clock.Run(() => new Planner(host.Engine, host.Ports).PlanAsync("shop", model, [Web], running: null, NoReloads, CancellationToken.None)).Obstacles;
    }
}
