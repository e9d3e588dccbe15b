using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class HistoryRewriteSpecs : IDisposable
{
    private static readonly Stack Strict = Some.Stack with { Source = Some.Source with { History = HistoryRule.FastForwardOnly } };

    private readonly FakeHost host = new();

    public HistoryRewriteSpecs()
    {
        host.Push("v1");
        host.Registry.Push("registry.test/web:v2", "web v2");
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_force_push_is_followed_with_a_warning()
    {
        host.Poll();
        host.Repository.ForcePush(Some.Model(("web", "registry.test/web:v2")));

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Single(host.Log, line => line.StartsWith("Warning: shop: History was rewritten: ", StringComparison.Ordinal));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void A_force_push_is_refused_where_only_fast_forwards_are_allowed()
    {
        host.Poll(Strict);
        host.Calls.Clear();
        host.Repository.ForcePush(Some.Model(("web", "registry.test/web:v2")));

        var outcome = Assert.IsType<Outcome.Rejected>(host.Poll(Strict));

        Assert.Contains("history was rewritten, and `history: fast-forward-only` refuses that", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void Several_commits_on_top_are_a_fast_forward()
    {
        host.Poll(Strict);
        host.Push("v3");
        host.Push("v2");

        Assert.IsType<Outcome.Committed>(host.Poll(Strict));

        Assert.DoesNotContain(host.Log, line => line.Contains("rewritten", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_commit_that_was_taken_out_of_history_needs_no_permission()
    {
        var good = host.Repository.Heads["main"];
        host.Poll(Strict);
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll(Strict);
        host.Repository.ForcePush(Some.Model(("web", "registry.test/web:v3")), parent: good);
        host.Registry.Push("registry.test/web:v3", "web v3");

        Assert.IsType<Outcome.Committed>(host.Poll(Strict)); // it descends from what is deployed
    }

    [Fact]
    public void A_force_push_back_to_a_bad_commit_stays_blocked()
    {
        host.Poll();
        var bad = host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Push("v3");
        host.Poll();
        host.Repository.Heads["main"] = bad;

        Assert.IsType<Outcome.Blocked>(host.Poll());

        Assert.True(host.Runs("web v3"));
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }
}
