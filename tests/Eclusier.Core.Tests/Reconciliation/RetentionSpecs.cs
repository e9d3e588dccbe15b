using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class RetentionSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_newest_committed_releases_are_kept() =>
        Assert.Equal([6, 7, 8], Kept(retain: 3, Committed(1, 2, 3, 4, 5, 6, 7, 8), lastKnownGood: 8));

    [Fact]
    public void The_last_known_good_one_and_the_one_before_it_are_kept_even_where_nothing_should_be() =>
        Assert.Equal([7, 8], Kept(retain: 0, Committed(1, 2, 3, 4, 5, 6, 7, 8), lastKnownGood: 8));

    [Fact]
    public void After_a_manual_rollback_the_one_before_is_kept_too() =>
        Assert.Equal([2, 3, 7, 8], Kept(retain: 2, Committed(1, 2, 3, 4, 5, 6, 7, 8), lastKnownGood: 3));

    [Fact]
    public void What_was_applied_last_is_kept() => Assert.Equal([1, 4, 5], Kept(retain: 2, [.. Committed(4, 5), Entry(1), Entry(2)], lastKnownGood: 5, applied: 1));

    [Fact]
    public void The_newest_of_all_is_kept_as_evidence_and_older_failures_are_not() => Assert.Equal([1, 2, 5], Kept(retain: 2, [.. Committed(1, 2), Entry(3), Entry(4), Entry(5)], lastKnownGood: 2));

    [Fact]
    public void Without_any_release_nothing_is_kept() => Assert.Empty(Kept(retain: 5, [], lastKnownGood: null));

    [Fact]
    public void A_dropped_release_loses_folder_tags_and_kept_commit_and_stays_in_the_journal()
    {
        var stack = Some.Stack with { Retain = 2 };
        foreach (var tag in new[] { "v1", "v2", "v3" })
        {
            host.Push(tag);
            host.Poll(stack);
        }

        Assert.Equal([2, 3], host.Releases.All.Select(release => release.Number).Order());
        Assert.Equal(["eclusier/shop/web:2", "eclusier/shop/web:3"], host.Engine.Images.SelectMany(image => image.References).Where(reference => reference.StartsWith("eclusier/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal([2, 3], host.WorkTree.Kept.Keys.Select(key => key.Release).Order());
        Assert.Equal([3, 2, 1], host.Journal.ReadReleases(Some.Shop).Select(entry => entry.Number));
    }

    [Fact]
    public void An_image_that_a_kept_release_still_uses_stays()
    {
        var stack = Some.Stack with { Retain = 2 };
        foreach (var mode in new[] { "a", "b", "c" })
        {
            host.Registry.Push("registry.test/web:1", "web");
            host.Repository.Commit(Some.Model(("web", "registry.test/web:1")).With("web", "command", mode));
            host.Poll(stack);
        }

        Assert.Equal([2, 3], host.Releases.All.Select(release => release.Number).Order());
        Assert.Single(host.Engine.Images);
    }

    [Fact]
    public void What_could_not_be_dropped_is_dropped_after_the_next_commit()
    {
        var stack = Some.Stack with { Retain = 2 };
        host.Push("v1");
        host.Poll(stack);
        host.Push("v2");
        host.Poll(stack);
        host.Push("v3");
        host.Calls.Before("journal: close committed", () => host.Engine.IsAway = true);

        Assert.IsType<Outcome.Committed>(host.Poll(stack));

        Assert.Contains(host.Log, line => line.StartsWith("Warning: shop: Release #1 could not be dropped", StringComparison.Ordinal));
        host.Engine.IsAway = false;
        host.Push("v4");
        host.Poll(stack);
        Assert.Equal([3, 4], host.Releases.All.Select(release => release.Number).Order());
    }

    [Fact]
    public void A_dropped_release_that_is_wanted_again_is_prepared_again_under_its_number()
    {
        var stack = Some.Stack with { Retain = 2 };
        var first = host.Push("v1");
        host.Poll(stack);
        host.Push("v2");
        host.Poll(stack);
        host.Push("v3");
        host.Poll(stack);
        host.Repository.Heads["main"] = first;

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll(stack)).Release);

        Assert.True(host.Runs("web v1"));
        Assert.Contains(1, host.Releases.All.Select(release => release.Number));
    }

    private static IEnumerable<int> Kept(int retain, IReadOnlyList<ReleaseEntry> entries, int? lastKnownGood, int? applied = null) =>
        Retention.Kept(entries, new StackState(Some.Shop) { LastKnownGood = lastKnownGood, Applied = applied ?? lastKnownGood }, retain).Order();

    private static List<ReleaseEntry> Committed(params int[] numbers) => [.. numbers.Select(number => Entry(number) with { CommittedAt = Some.Noon.AddHours(number) })];

    private static ReleaseEntry Entry(int number) => new(Some.Shop, number, $"id {number}", "", null, "", Some.Noon);
}
