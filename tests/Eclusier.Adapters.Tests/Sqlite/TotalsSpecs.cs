using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class TotalsSpecs : JournalTest
{
    [Fact]
    public void What_ended_is_added_up_whoever_was_the_agent()
    {
        DeployFor(seconds: 3, DeploymentResult.Committed);
        DeployFor(seconds: 4000, DeploymentResult.Committed);
        DeployFor(seconds: 0.4, DeploymentResult.RolledBack);
        var totals = new SqliteTotals(Database);
        Assert.Equal(3, totals.Read().Deployments.Sum(count => count.Count));

        DeployFor(seconds: 19, DeploymentResult.RolledBack);
        OpenOne(at: Noon.AddDays(1)); // under way: not yet
        var read = totals.Read();

        Assert.Equal([(DeploymentResult.Committed, 2L), (DeploymentResult.RolledBack, 2L)], read.Deployments.Select(count => (count.Result, count.Count)).Order());
        Assert.All(read.Deployments, count => Assert.Equal("shop", count.Stack));
        Assert.Equal(4003, read.Durations[DeploymentResult.Committed].Sum, 0.01);
        var steps = read.Steps[Step.Apply];
        Assert.Equal((4L, 13), (steps.Count, JournalTotals.Bounds.Count));
        Assert.Equal((1L, 1L, 1L, 1L), (steps.Counts[1], steps.Counts[4], steps.Counts[6], steps.Counts[^1])); // up to 0.5, 5 and 20 s, and longer than all
    }

    [Fact]
    public void An_empty_journal_adds_up_to_nothing()
    {
        var read = new SqliteTotals(Database).Read();
        Assert.Empty(read.Deployments);
        Assert.Empty(read.Steps);
    }

    private DateTimeOffset at = Noon;

    private void DeployFor(double seconds, DeploymentResult result)
    {
        at = at.AddDays(0.1);
        var deployment = OpenOne(at: at);
        Journal.BeginStep(deployment.Id, Step.Apply, at);
        Journal.EndStep(deployment.Id, Step.Apply, succeeded: true, "", at.AddSeconds(seconds));
        Journal.Close(deployment.Id, result, "", [], new StackChange(), at.AddSeconds(seconds), announcement: null);
    }
}
