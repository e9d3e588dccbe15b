using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class ConfigurationChangeSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public ConfigurationChangeSpecs()
    {
        host.Registry.Push("registry.test/web:v1", "web v1");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v1")).With("web", "environment", new JsonObject { ["MODE"] = "${MODE}" }));
        host.Poll(With("quiet"));
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_changed_variable_is_deployed_without_a_commit()
    {
        Assert.IsType<Outcome.Committed>(host.Poll(With("loud")));

        Assert.Equal(Cause.ConfigurationChanged, host.Last.Cause);
        Assert.Equal(2, host.State.LastKnownGood);
        Assert.Contains(host.Log, line => line == "Information: shop: Plan: recreate web (environment MODE)");
    }

    [Fact]
    public void A_changed_variable_that_breaks_the_stack_is_rolled_back_and_not_tried_again()
    {
        host.Calls.Before("up #2", () =>
        {
            host.Probes.Failing[Some.Probe.Title] = "HTTP 500";
            host.Clock.In(TimeSpan.FromSeconds(105), host.Probes.Failing.Clear); // the gate ended at 100 s
        });

        Assert.IsType<Outcome.RolledBack>(host.Poll(With("loud")));

        Assert.IsType<Outcome.UpToDate>(host.Poll(With("loud")));
    }

    [Fact]
    public void Changed_checks_and_intervals_deploy_nothing()
    {
        var checks = With("quiet") with
        {
            Health = new HealthPolicy { Timeout = TimeSpan.FromHours(1) },
            Interval = TimeSpan.FromHours(1),
            OnFailure = FailurePolicy.StopAndReport,
            Retain = 9,
            Notify = ["ops"],
            Drift = DriftPolicy.Ignore,
            Images = new ImagePolicy { Wait = TimeSpan.FromHours(1) },
        };

        Assert.IsType<Outcome.UpToDate>(host.Poll(checks));

        Assert.Empty(host.Calls.Of("fetch"));
    }

    [Fact]
    public void A_variable_that_nothing_uses_changes_nothing_on_the_host()
    {
        var outcome = host.Poll(With("quiet") with { Environment = new Dictionary<string, string> { ["MODE"] = "quiet", ["UNUSED"] = "1" } });

        Assert.IsType<Outcome.UpToDate>(outcome);
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void A_changed_back_variable_is_the_old_release_again()
    {
        host.Poll(With("loud"));

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll(With("quiet"))).Release);

        Assert.Equal(2, host.Journal.ReadReleases(Some.Shop).Count);
    }

    [Fact]
    public void A_login_that_is_put_right_is_another_try()
    {
        Stack By(string password) => With("quiet") with
        {
            Registries = new Dictionary<string, RegistryAccess> { ["registry.test"] = new("registry.test") { Username = "ada", Password = new SecretSource.Value(new Secret(password)) } },
        };
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")));
        host.Registry.Trouble = FailureException.Rejected("the registry refused access");
        Assert.IsType<Outcome.Rejected>(host.Poll(By("wrong")));
        Assert.IsType<Outcome.UpToDate>(host.Poll(By("wrong")));

        host.Registry.Trouble = null;
        host.Registry.Push("registry.test/web:v2", "web v2");

        Assert.IsType<Outcome.Committed>(host.Poll(By("right")));
        Assert.DoesNotContain("right", host.State.SettledKey);
    }

    private static Stack With(string mode) => Some.Stack with { Environment = new Dictionary<string, string> { ["MODE"] = mode } };
}
