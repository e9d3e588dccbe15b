using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Wrong input touches nothing, is said once, and is looked at again when it changes.</summary>
public sealed class RejectionSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public RejectionSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void Files_that_cannot_be_rendered_touch_nothing()
    {
        host.Repository.CommitBroken(FailureException.Rejected("compose.yaml: yaml: line 2: did not find expected ',' or ']'"));

        AssertRejected("compose.yaml: yaml: line 2: did not find expected ',' or ']'");
    }

    [Fact]
    public void A_project_without_services_touches_nothing()
    {
        host.Repository.Commit(Some.Model());

        AssertRejected("the Compose project of main@", "has no service; deploying it would remove all that runs");
    }

    [Fact]
    public void An_image_name_that_is_none_touches_nothing()
    {
        host.Repository.Commit(Some.Model(("web", "registry.test/Web:v2")));

        AssertRejected("service web: 'registry.test/Web:v2' is not an image name");
    }

    [Fact]
    public void A_configuration_file_that_is_missing_touches_nothing()
    {
        var model = Some.Model(("web", "registry.test/web:v1"));
        model["configs"] = new JsonObject { ["app"] = new JsonObject { ["file"] = "/var/lib/eclusier/stacks/shop/work/app.conf" } };
        host.Repository.Commit(model);

        AssertRejected("the file of config 'app' is missing in main@", "/var/lib/eclusier/stacks/shop/work/app.conf");
    }

    [Fact]
    public void What_a_file_of_the_host_may_have_caused_is_tried_again_when_that_file_appears_or_changes()
    {
        const string Path = "/etc/shop/shop.env";
        var rejection = new Failure(FailureKind.Rejected, $"env file {Path} not found") { HostFiles = ["/var/lib/eclusier/stacks/shop/work/.env", Path] };
        host.Repository.CommitBroken(new FailureException(rejection));
        Assert.IsType<Outcome.Rejected>(host.Poll());
        Assert.IsType<Outcome.UpToDate>(host.Poll());

        host.Files.Contents[Path] = "PORT=";
        Assert.IsType<Outcome.Rejected>(host.Poll());
        Assert.Equal(Cause.ConfigurationChanged, host.Last.Cause);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        host.Restart(); // it is remembered
        Assert.IsType<Outcome.UpToDate>(host.Poll());

        host.Files.Contents[Path] = "PORT=80";
        Assert.IsType<Outcome.Rejected>(host.Poll());
        Assert.Equal(3, host.History.Count(deployment => deployment.Result == DeploymentResult.Rejected));
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void A_local_image_that_is_not_here_touches_nothing()
    {
        host.Repository.Commit(Some.Model(("web", "local/web:1")).With("web", "pull_policy", "never"));

        AssertRejected("the image local/web:1 is not on this host");
    }

    [Fact]
    public void Refused_credentials_touch_nothing()
    {
        host.Push("v2");
        host.Registry.Trouble = FailureException.Rejected("the registry registry.test refused access: run `docker login registry.test`");

        AssertRejected("refused access");
    }

    [Fact]
    public void A_newer_commit_is_looked_at_by_itself()
    {
        host.Repository.CommitBroken(FailureException.Rejected("a mistake"));
        host.Poll();
        host.Push("v2");

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void A_changed_configuration_is_looked_at_by_itself()
    {
        host.Repository.CommitBroken(FailureException.Rejected("required variable TAG is missing a value"));
        host.Poll();

        Assert.IsType<Outcome.Rejected>(host.Poll(Some.Stack with { Environment = new Dictionary<string, string> { ["TAG"] = "v1" } }));

        Assert.Equal(Cause.ConfigurationChanged, host.Last.Cause);
    }

    [Fact]
    public void A_command_looks_again_at_once()
    {
        host.Repository.CommitBroken(FailureException.Rejected("a mistake"));
        host.Poll();

        Assert.IsType<Outcome.Rejected>(host.Deploy());
    }

    [Fact]
    public void A_branch_that_does_not_exist_is_rejected_without_a_deployment()
    {
        var outcome = Assert.IsType<Outcome.Rejected>(host.Poll(Some.Stack with { Source = Some.Source with { Selector = new Core.Sources.RevisionSelector.Branch("nope") } }));

        Assert.Contains("has no branch 'nope'", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Rejected, host.State.Trouble!.Kind);
        Assert.Single(host.History);
    }

    private void AssertRejected(params string[] parts)
    {
        var outcome = Assert.IsType<Outcome.Rejected>(host.Poll());

        Assert.All(parts, part => Assert.Contains(part, outcome.Message, StringComparison.Ordinal));
        Assert.Equal((DeploymentResult.Rejected, outcome.Message), (host.Last.Result, host.Last.Reason));
        Assert.Empty(host.Calls.Touches);
        Assert.True(host.Runs("web v1"));
        Assert.Equal((1, 1), (host.State.LastKnownGood, host.State.Applied));
        var deployments = host.History.Count;
        Assert.IsType<Outcome.UpToDate>(host.Poll()); // said once
        Assert.Equal(deployments, host.History.Count);
    }
}
