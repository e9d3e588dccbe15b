using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Sources;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class ReconcilerSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_healthy_commit_is_committed_as_last_known_good()
    {
        var commit = host.Push("v1");

        var outcome = Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(1, outcome.Release);
        Assert.True(host.Runs("web v1"));
        Assert.Equal(1, host.State.LastKnownGood);
        Assert.Equal(1, host.State.Applied);
        Assert.Equal(commit.Id, host.WorkTree.Commits[Some.Shop]);
        Assert.Equal((DeploymentResult.Committed, Cause.Commit, commit.Id, "a change to v1"), (host.Last.Result, host.Last.Cause, host.Last.Commit, host.Last.Subject));
    }

    [Fact]
    public void Everything_is_written_down_before_it_is_done_and_the_host_is_touched_last()
    {
        var commit = host.Push("v1").Id.Short;

        host.Poll();

        Assert.Equal(
            [
                "journal: head", $"journal: open {commit}",
                "journal: begin fetch", $"fetch {commit}", "journal: subject", "journal: end fetch",
                "journal: begin render", $"stage {commit}", "journal: end render",
                "journal: begin lock", "journal: end lock", "journal: followed digests",
                "journal: begin stage", $"pull registry.test/web@{Some.Digest("web v1")[..13]}", $"keep {commit} for #1", "tag eclusier/shop/web:1", "publish #1", "journal: end stage",
                "journal: record #1", "journal: free", "journal: settle",
                "journal: boot", "journal: baseline", "journal: count start", "journal: begin apply", $"move {commit}", "up #1", "compose: start shop-web-1", "journal: end apply",
                "journal: begin health-gate", "journal: end health-gate",
                "journal: begin soak", "journal: end soak",
                "journal: close committed", "journal: check",
            ],
            host.Calls.All);
    }

    [Fact]
    public void A_release_counts_only_after_it_soaked()
    {
        host.Push("v1");

        host.Poll();

        Assert.Equal(Some.Stack.Health.Soak, host.Clock.Elapsed);
    }

    [Fact]
    public void Nothing_new_costs_one_question_and_no_fetch()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();

        var outcome = host.Poll();

        Assert.Equal($"nothing new: main is at {host.Repository.Heads["main"].Id.Short}", Assert.IsType<Outcome.UpToDate>(outcome).Message);
        Assert.Equal(["journal: check"], host.Calls.All);
        Assert.Equal(2, host.Repository.Questions);
        Assert.Single(host.History);
    }

    [Fact]
    public void A_command_looks_closer_than_a_poll_and_changes_nothing_all_the_same()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();

        Assert.IsType<Outcome.UpToDate>(host.Deploy());

        Assert.Empty(host.Calls.Touches);
        Assert.Single(host.Calls.Of("fetch"));
    }

    [Fact]
    public void Force_applies_what_runs_already_once_more()
    {
        host.Push("v1");
        host.Poll();

        Assert.IsType<Outcome.Committed>(host.Deploy(force: true));

        Assert.Equal(["up #1", "up #1"], host.Calls.Of("up"));
        Assert.Equal(1, host.State.LastKnownGood);
    }

    [Fact]
    public void A_commit_that_changes_nothing_for_the_stack_is_up_to_date_and_nothing_is_applied()
    {
        var first = host.Push("v1");
        host.Poll();
        host.Calls.Clear();
        host.Repository.Commit(first.Model, "README");

        var outcome = Assert.IsType<Outcome.UpToDate>(host.Poll());

        Assert.EndsWith("changes nothing for this stack: release #1 stays", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(host.Calls.Touches);
        Assert.Equal(DeploymentResult.UpToDate, host.Last.Result);
        Assert.Equal(1, host.State.LastKnownGood);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.Single(host.Calls.Of("fetch"));
    }

    [Fact]
    public void A_changed_mounted_file_is_a_change_for_the_stack()
    {
        var model = Some.Model(("web", "registry.test/web:v1"))
            .With("web", "volumes", new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["type"] = "bind", ["source"] = "/var/lib/eclusier/stacks/shop/work/nginx.conf", ["target"] = "/etc/nginx.conf" }));
        host.Registry.Push("registry.test/web:v1", "web v1");
        host.Repository.Commit(model).Files["nginx.conf"] = "aaaa";
        host.Poll();
        host.Repository.Commit(model, "another nginx.conf").Files["nginx.conf"] = "bbbb";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(2, host.State.LastKnownGood);
        Assert.Single(host.Calls.Of("compose: stop"));
    }

    [Fact]
    public void A_container_that_is_gone_comes_back_with_the_next_commit_even_if_that_changes_nothing_else()
    {
        var first = host.Push("v1");
        host.Poll();
        host.Engine.Containers.Clear();
        host.Repository.Commit(first.Model, "README");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_service_that_left_the_project_is_removed()
    {
        host.Registry.Push("registry.test/cache:1", "cache");
        host.Registry.Push("registry.test/web:v1", "web v1");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v1"), ("cache", "registry.test/cache:1")));
        host.Poll();
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v1")));

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(["web"], host.Engine.Containers.Select(container => container.Service));
    }

    [Fact]
    public void An_image_that_two_services_share_is_asked_for_and_pulled_once()
    {
        host.Registry.Push("registry.test/app:1", "app");
        host.Repository.Commit(Some.Model(("web", "registry.test/app:1"), ("worker", "registry.test/app:1")));

        host.Poll();

        Assert.Single(host.Registry.Questions);
        Assert.Single(host.Calls.Of("pull"));
    }

    [Fact]
    public void A_service_built_here_runs_its_build_by_image_id()
    {
        var model = Some.Model(("web", "")).With("web", "build", new System.Text.Json.Nodes.JsonObject { ["context"] = "." });
        model["services"]!["web"]!.AsObject().Remove("image");
        host.Repository.Commit(model);

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.StartsWith("sha256:", Assert.Single(host.Engine.Containers).Image, StringComparison.Ordinal);
        Assert.Equal(["build web"], host.Calls.Of("build"));
        Assert.Empty(host.Registry.Questions);
    }

    [Fact]
    public void The_plan_says_what_would_change_and_touches_nothing()
    {
        host.Push("v1");
        host.Poll();
        host.Push("v2");
        host.Calls.Clear();

        var preview = host.Clock.Run(() => host.Reconciler.PlanAsync(Some.Stack, CancellationToken.None));

        var change = Assert.Single(preview.Plan.Changes);
        Assert.StartsWith("recreate web (image registry.test/web@sha256:", change.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, preview.From);
        Assert.Empty(host.Calls.Touches);
        Assert.Empty(host.Calls.Of("pull"));
        Assert.Empty(host.Calls.Of("journal: open"));
    }

    [Fact]
    public void Local_edits_that_were_overwritten_are_told()
    {
        host.Push("v1");
        host.WorkTree.Patch = "/var/lib/eclusier/stacks/shop/local-changes/1.patch";

        host.Poll();

        Assert.Contains(host.Log, line => line.StartsWith("Warning: shop: Local edits to tracked files were saved to /var/lib", StringComparison.Ordinal));
    }

    [Fact]
    public void The_status_knows_the_commit_while_it_is_deployed()
    {
        host.Push("v1");
        host.Poll();
        var commit = host.Push("v2");
        var seen = CommitId.None;
        host.Calls.Before("journal: begin apply", () => seen = host.State.SeenHead!.Commit);

        host.Poll();

        Assert.Equal(commit.Id, seen);
    }

    [Fact]
    public void Without_soak_the_first_healthy_look_commits()
    {
        host.Push("v1");

        host.Poll(Some.Stack with { Health = new HealthPolicy { Soak = TimeSpan.Zero } });

        Assert.Equal(TimeSpan.Zero, host.Clock.Elapsed);
        Assert.DoesNotContain(host.Last.Steps, step => step.Step == Step.Soak);
    }
}
