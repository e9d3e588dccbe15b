using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>A project that was started by hand comes under Eclusier's care.</summary>
public sealed class AdoptionSpecs : IDisposable
{
    private static readonly Stack Clone = Some.Stack with { Checkout = "/home/ada/shop" };

    private readonly FakeHost host = new();

    public AdoptionSpecs() => host.Registry.Push("registry.test/web:latest", "web by hand");

    public void Dispose() => host.Dispose();

    [Fact]
    public void What_runs_already_is_release_0_and_last_known_good()
    {
        StartByHand();
        host.Push("v1");

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll(Clone)).Release);

        var zero = host.Journal.FindRelease(Some.Shop, 0)!;
        Assert.True(zero.IsCommitted);
        var service = Assert.Single(host.Releases.Load(Some.Shop, zero.Id).Services);
        Assert.Equal(("web", $"registry.test/web@{Some.Digest("web by hand")}", "eclusier/shop/web:0"), (service.Name, service.Reference, service.KeepTag));
    }

    [Fact]
    public void A_bad_first_release_goes_back_to_what_ran_before()
    {
        StartByHand();
        host.Push("v1", ImageBehaviour.AnswersBadly);

        Assert.Equal(0, Assert.IsType<Outcome.RolledBack>(host.Poll(Clone)).To);

        Assert.True(host.Runs("web by hand"));
        Assert.Equal(0, host.State.LastKnownGood);
    }

    [Fact]
    public void A_person_can_go_back_to_what_ran_before()
    {
        StartByHand();
        host.Push("v1");
        host.Poll(Clone);
        host.Clock.Pass(TimeSpan.FromHours(1));

        Assert.Equal(0, Assert.IsType<Outcome.Committed>(host.GoBack(stack: Clone)).Release);

        Assert.True(host.Runs("web by hand"));
    }

    [Fact]
    public void The_tag_may_move_and_the_registry_go_away_meanwhile()
    {
        StartByHand();
        host.Registry.Push("registry.test/web:latest", "web newer");
        host.Push("v1", ImageBehaviour.AnswersBadly);
        host.Clock.In(TimeSpan.FromSeconds(20), () => host.Registry.Trouble = FakeRegistry.Down);

        Assert.IsType<Outcome.RolledBack>(host.Poll(Clone));

        Assert.True(host.Runs("web by hand"));
    }

    [Fact]
    public void A_clone_is_moved_back_to_the_commit_it_was_at()
    {
        StartByHand();
        var before = host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")), "deployed by hand");
        host.WorkTree.Commits[Some.Shop] = before.Id;
        host.Push("v1", ImageBehaviour.AnswersBadly);

        host.Poll(Clone);

        Assert.Equal(before.Id, host.WorkTree.Commits[Some.Shop]);
    }

    [Fact]
    public void A_service_that_does_not_run_is_not_gone_back_to()
    {
        host.Registry.Push("registry.test/old:latest", "old");
        var model = Some.Model(("web", "registry.test/web:latest"), ("old", "registry.test/old:latest"));
        model.With("web", "depends_on", new System.Text.Json.Nodes.JsonObject { ["old"] = new System.Text.Json.Nodes.JsonObject { ["condition"] = "service_started" } });
        host.Compose.UpByHand("shop", model, host.Registry);
        host.Engine.Of("shop", "old").Single().Stop();
        host.Push("v1", ImageBehaviour.AnswersBadly);

        Assert.Equal(0, Assert.IsType<Outcome.RolledBack>(host.Poll(Clone)).To);

        Assert.Equal(["web"], host.Engine.Containers.Select(container => container.Service));
    }

    [Fact]
    public void A_job_that_has_finished_is_taken_over_with_what_depends_on_it()
    {
        host.Registry.Push("registry.test/migrate:latest", "migrations", ImageBehaviour.FinishesWell);
        var model = Some.Model(("migrate", "registry.test/migrate:latest"), ("web", "registry.test/web:latest")).With("migrate", "restart", "no")
            .With("web", "depends_on", new System.Text.Json.Nodes.JsonObject { ["migrate"] = new System.Text.Json.Nodes.JsonObject { ["condition"] = "service_completed_successfully" } });
        host.Compose.UpByHand("shop", model, host.Registry);
        host.Clock.Pass(TimeSpan.FromMinutes(1));
        host.Push("v1");

        host.Poll(Clone);

        Assert.Equal(["migrate", "web"], ReleaseZero().Services.Select(service => service.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_it_cannot_be_told_how_it_was_started_the_first_release_is_tried_all_the_same()
    {
        StartByHand();
        host.Compose.ByHand.Clear();
        host.Push("v1", ImageBehaviour.AnswersBadly);

        Assert.IsType<Outcome.Failed>(host.Poll(Clone));

        Assert.Contains(host.Log, line => line.StartsWith("Warning: shop: What runs already could not be recorded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_killed_adoption_is_done_again()
    {
        StartByHand();
        host.Push("v1", ImageBehaviour.AnswersBadly);
        host.Calls.KillBefore("journal: adopt");
        Assert.Throws<AgentKilledException>(() => host.Poll(Clone));
        host.Restart();
        host.Recover(Clone);

        Assert.Equal(0, Assert.IsType<Outcome.RolledBack>(host.Poll(Clone)).To);
    }

    [Fact]
    public void An_interrupted_first_release_is_not_what_ran_before()
    {
        host.Push("v1", ImageBehaviour.AnswersBadly);
        host.Compose.ByHand["shop"] = Some.Model(("web", "registry.test/web:v1"));
        host.Clock.In(TimeSpan.FromSeconds(30), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();

        Assert.IsType<Outcome.Failed>(host.Recover());

        Assert.DoesNotContain(host.Journal.ReadReleases(Some.Shop), entry => entry.Number == 0);
    }

    private void StartByHand() => host.Compose.UpByHand("shop", Some.Model(("web", "registry.test/web:latest")), host.Registry);

    private Release ReleaseZero() => host.Releases.Load(Some.Shop, host.Journal.FindRelease(Some.Shop, 0)!.Id);
}
