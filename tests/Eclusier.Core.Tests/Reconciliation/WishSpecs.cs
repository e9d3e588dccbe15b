using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class WishSpecs
{
    private static readonly Wish Settled = new(new Head("main", Some.Commit("a")), "configuration", "web=sha256:1");

    [Fact]
    public void The_same_wish_has_the_same_key() => Assert.Equal(Settled.Key, (Settled with { Head = new Head("main", Some.Commit("a")) }).Key);

    [Fact]
    public void A_renamed_branch_at_the_same_commit_is_the_same_wish() => Assert.Equal(Settled.Key, (Settled with { Head = Settled.Head with { RefName = "v1.0" } }).Key);

    [Fact]
    public void The_cause_is_what_differs()
    {
        Assert.Equal(Cause.Commit, (Settled with { Head = new Head("main", Some.Commit("b")) }).CauseAgainst(Settled.Key));
        Assert.Equal(Cause.ConfigurationChanged, (Settled with { Configuration = "other" }).CauseAgainst(Settled.Key));
        Assert.Equal(Cause.ImageMoved, (Settled with { Images = "web=sha256:2" }).CauseAgainst(Settled.Key));
    }

    [Fact]
    public void The_commit_is_named_first_when_more_than_one_thing_differs() =>
        Assert.Equal(Cause.Commit, new Wish(new Head("main", Some.Commit("b")), "other", "other").CauseAgainst(Settled.Key));

    [Fact]
    public void The_first_wish_of_all_is_a_commit() => Assert.Equal(Cause.Commit, Settled.CauseAgainst(null));

    [Fact]
    public void Everything_that_goes_into_a_release_is_part_of_the_configuration() => Assert.All(
        new[]
        {
            Some.Stack with { Source = Some.Source with { Repository = "https://git.test/other.git" } },
            Some.Stack with { Source = Some.Source with { Selector = new RevisionSelector.Branch("next") } },
            Some.Stack with { Source = Some.Source with { Selector = new RevisionSelector.Tag("main") } },
            Some.Stack with { Directory = "deploy" },
            Some.Stack with { Project = "store" },
            Some.Stack with { Checkout = "/home/ada/shop" },
            Some.Stack with { UnsetVariables = UnsetVariables.Warn },
            Some.Stack with { ComposeFiles = ["compose.yaml"] },
            Some.Stack with { EnvFiles = [] },
            Some.Stack with { EnvFiles = ["compose.yaml"] },
            Some.Stack with { Profiles = ["compose.yaml"] },
            Some.Stack with { Environment = new Dictionary<string, string> { ["A"] = "1" } },
        }.Select(Wish.ConfigurationOf).Append(Wish.ConfigurationOf(Some.Stack)).GroupBy(configuration => configuration), same => Assert.Single(same));

    [Fact]
    public void How_a_stack_is_checked_and_kept_is_not() => Assert.Equal(
        Wish.ConfigurationOf(Some.Stack),
        Wish.ConfigurationOf(Some.Stack with
        {
            Health = new HealthPolicy { Timeout = TimeSpan.FromHours(1) },
            Interval = TimeSpan.FromHours(1),
            Images = new ImagePolicy { FollowsAll = true },
            OnFailure = FailurePolicy.StopAndReport,
            Drift = DriftPolicy.Ignore,
            Retain = 1,
            Notify = ["ops"],
            Source = Some.Source with { History = HistoryRule.FastForwardOnly, Credential = new SourceCredential.SshKey("/key", null) },
        }));

    [Fact]
    public void The_order_of_variables_does_not_matter_but_that_of_files_does()
    {
        var one = Some.Stack with { Environment = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }, EnvFiles = ["a", "b"] };

        Assert.Equal(Wish.ConfigurationOf(one), Wish.ConfigurationOf(one with { Environment = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" } }));
        Assert.NotEqual(Wish.ConfigurationOf(one), Wish.ConfigurationOf(one with { EnvFiles = ["b", "a"] }));
    }
}
