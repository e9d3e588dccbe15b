using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Applying;

/// <summary>What an interrupted <c>docker compose up</c> left is put in order before the next one.</summary>
public sealed class LeftoverSweepSpecs : IDisposable
{
    private const string Temporary = "0123456789ab_shop-web-1";

    private readonly FakeHost host = new();

    public LeftoverSweepSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Push("v2");
        host.Calls.Clear();
    }

    private FakeContainer Web => host.Engine.Of("shop", "web").Single(container => container.Name == "shop-web-1");

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_replacement_beside_the_real_one_is_removed(bool runs)
    {
        Leave(Temporary, runs);

        Deploy();

        Assert.Equal([$"remove container {Temporary}"], host.Calls.Of("remove container"));
        Assert.Equal("shop-web-1", Assert.Single(host.Engine.Containers).Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_replacement_that_is_the_only_one_left_gets_its_name_since_it_has_the_anonymous_volumes(bool runs)
    {
        var only = Web;
        only.Name = Temporary;
        if (!runs)
        {
            only.Stop();
        }

        Deploy();

        Assert.Equal([$"rename container {Temporary}"], host.Calls.Of("rename container"));
        Assert.Empty(host.Calls.Of("remove container"));
        Assert.Equal("shop-web-1", Assert.Single(host.Engine.Containers).Name);
    }

    [Fact]
    public void Of_two_replacements_the_one_that_runs_is_kept()
    {
        Web.Name = Temporary;
        Leave("ba9876543210_shop-web-1", runs: false);

        Deploy();

        Assert.Equal(["remove container ba9876543210_shop-web-1"], host.Calls.Of("remove container"));
        Assert.Equal([$"rename container {Temporary}"], host.Calls.Of("rename container"));
    }

    [Fact]
    public void Where_somebody_else_has_the_name_nothing_is_renamed_or_removed()
    {
        Web.Name = Temporary;
        Leave("shop-web-1", runs: true, project: "other");

        SweepOnly();

        Assert.Empty(host.Calls.Of("remove container"));
        Assert.Contains(host.Engine.Containers, container => container is { Name: "shop-web-1", Project: "other" });
    }

    [Fact]
    public void One_of_the_very_release_that_is_applied_gets_its_name_once()
    {
        Web.Name = Temporary;
        var release = host.Releases.Load(Some.Shop, host.Journal.FindRelease(Some.Shop, 1)!.Id);

        host.Clock.Run(() => host.Applier.ApplyAsync(Some.Stack, release, CancellationToken.None));

        Assert.Equal([$"rename container {Temporary}"], host.Calls.Of("rename container"));
        Assert.Equal("shop-web-1", Assert.Single(host.Engine.Containers).Name);
    }

    [Theory]
    [InlineData("0123456789AB_shop-web-1")]
    [InlineData("0123456789a_shop-web-1")]
    [InlineData("shop_0123456789ab_web-1")]
    public void A_name_that_Compose_would_not_give_is_no_leftover(string name)
    {
        Leave(name, runs: false);

        host.Poll();

        Assert.Empty(host.Calls.Of("remove container"));
        Assert.Empty(host.Calls.Of("rename container"));
    }

    [Fact]
    public void Containers_of_others_and_of_compose_run_are_left_alone()
    {
        Leave("0123456789ab_other-web-1", runs: false, project: "other");
        Leave("0123456789ab_shop-web-run", runs: false, isOneOff: true);
        Leave("0123456789ab_mine", runs: false, service: ""); // the project's label, put there by hand

        Deploy();

        Assert.Empty(host.Calls.Of("remove container"));
        Assert.Empty(host.Calls.Of("rename container"));
    }

    [Fact]
    public void A_container_that_is_meant_to_be_called_so_keeps_its_name()
    {
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")).With("web", "container_name", Temporary), "another name");
        host.Engine.Containers.Clear();
        Leave(Temporary, runs: true);

        SweepOnly();

        Assert.Empty(host.Calls.Of("remove container"));
        Assert.Empty(host.Calls.Of("rename container"));
    }

    [Fact]
    public void A_container_that_the_engine_cannot_start_any_more_is_removed()
    {
        Web.Stop();
        Web.Error = "failed to create shim task: id already in use: unknown";

        Deploy();

        Assert.Equal(["remove container shop-web-1"], host.Calls.Of("remove container"));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void Of_two_networks_with_one_name_that_which_nothing_uses_goes()
    {
        host.Engine.ProjectNetworks.AddRange([new LiveNetwork("aaaaaaaaaaaa1", "shop_default"), new LiveNetwork("bbbbbbbbbbbb2", "shop_default"), new LiveNetwork("cccccccccccc3", "shop_back")]);
        Leave("shop-web-2", runs: true, networks: ["bbbbbbbbbbbb2"]);
        Leave("shop-web-3", runs: false, networks: ["aaaaaaaaaaaa1"]); // could not be started without its network

        Deploy();

        Assert.Equal(["remove network aaaaaaaaaaaa1"], host.Calls.Of("remove network"));
        Assert.Equal(["remove container shop-web-3"], host.Calls.Of("remove container"));
    }

    [Fact]
    public void Two_networks_that_are_both_in_use_stay()
    {
        host.Engine.ProjectNetworks.AddRange([new LiveNetwork("aaaaaaaaaaaa1", "shop_default"), new LiveNetwork("bbbbbbbbbbbb2", "shop_default")]);
        Leave("shop-web-2", runs: true, networks: ["bbbbbbbbbbbb2"]);
        Leave("shop-web-3", runs: true, networks: ["aaaaaaaaaaaa1"]);

        Deploy();

        Assert.Empty(host.Calls.Of("remove network"));
    }

    private void SweepOnly()
    {
        host.Calls.KillBefore("up #2");
        Assert.Throws<AgentKilledException>(() => host.Poll());
    }

    private void Deploy() => Assert.IsType<Outcome.Committed>(host.Poll());

    private void Leave(string name, bool runs, string project = "shop", string service = "web", bool isOneOff = false, IReadOnlyList<string>? networks = null)
    {
        var image = host.Engine.Images[0];
        var container = new FakeContainer
        {
            Id = Some.Hash(name + project),
            Name = name,
            Project = project,
            Service = service,
            ImageId = image.Id,
            Image = image.Id,
            Behaviour = ImageBehaviour.Fine,
            IsOneOff = isOneOff,
            Networks = networks ?? [],
        };
        if (runs)
        {
            container.Start(host.Clock.GetUtcNow());
        }

        host.Engine.Containers.Add(container);
    }
}
