using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>Deployments and releases, newest first; a release or a deployment in full.</summary>
internal sealed class HistoryView(Times times)
{
    public Page Of(HistoryReport history, bool ofOneStack)
    {
        var page = new Page();
        if (history.Deployments.Count == 0)
        {
            page.Heading("No deployment yet.");
        }
        else
        {
            page.Listing(
                ["STARTED", "STACK", "RELEASE", "RESULT", "TOOK", "CAUSE", "COMMIT", "SUBJECT"],
                [.. history.Deployments.Select(Row)]);
        }

        // a release's number says nothing without its stack
        return !ofOneStack || history.Releases.Count == 0 ? page : page.Gap().Listing(
            ["RELEASE", "STATE", "PREPARED", "COMMIT", "SUBJECT"],
            [.. history.Releases.Select(release => (IReadOnlyList<Cell>)
            [
                Words.Number(release.Number),
                Words.ReleaseState(release),
                times.Absolute(release.PreparedAt),
                Words.Commit(release.Commit),
                release.Subject,
            ])]);
    }

    public Page Of(ReleaseReport report)
    {
        var release = report.Release;
        var page = new Page()
            .Heading(new Cell($"release {Words.Number(release.Number)}", Tone.Strong))
            .Facts([.. Facts(report)])
            .Gap()
            .Listing(
                ["SERVICE", "IMAGE", "HERE", "KEPT AS", "RUNS"],
                [.. report.Services.Select(service => (IReadOnlyList<Cell>)
                [
                    service.Service,
                    service.Image,
                    service.Present ? new Cell("yes", Tone.Good) : new Cell("no", Tone.Bad),
                    service.KeepTag,
                    service.Reference,
                ])]);
        foreach (var deployment in report.Deployments)
        {
            AddDeployment(page.Gap(), deployment);
        }

        return page;
    }

    /// <summary>What happened, step by step, and what was seen.</summary>
    public void AddDeployment(Page page, DeploymentReport deployment)
    {
        page.Heading(new Cell($"deployment {deployment.Id}: {deployment.Result ?? "under way"}", Words.State(deployment.Result ?? "deploying").Tone))
            .Sentence(deployment.Reason)
            .Facts(
            [
                new Fact("cause", deployment.CauseDetail.Length > 0 ? $"{deployment.Cause}: {deployment.CauseDetail}" : deployment.Cause),
                new Fact("release", string.Join("  ", new[] { Words.Number(deployment.Release), Words.Commit(deployment.Commit), deployment.Subject }.Where(word => word.Length > 0))),
                new Fact("began", times.Both(deployment.StartedAt)),
                .. deployment.EndedAt is { } ended ? [new Fact("took", Times.Exact(ended - deployment.StartedAt))] : Array.Empty<Fact>(),
            ]);
        if (deployment.Steps.Count > 0)
        {
            page.Listing(
                ["STEP", "AT", "TOOK", "RESULT", "DETAIL"],
                [.. deployment.Steps.Select(step => (IReadOnlyList<Cell>)
                [
                    step.Step,
                    times.Clock(step.StartedAt),
                    step.Seconds is { } seconds ? Times.Exact(TimeSpan.FromSeconds(seconds)) : "",
                    step.Succeeded switch { true => new Cell("ok", Tone.Good), false => new Cell("failed", Tone.Bad), null => new Cell("…", Tone.Warning) },
                    step.Detail,
                ])]);
        }

        foreach (var evidence in deployment.Evidence)
        {
            page.Sentence(new Cell(evidence.Subject, Tone.Strong)).Quote(evidence.Text);
        }
    }

    private IReadOnlyList<Cell> Row(DeploymentReport deployment) =>
    [
        times.Absolute(deployment.StartedAt),
        deployment.Stack,
        Words.Number(deployment.Release),
        Words.State(deployment.Result ?? "deploying"),
        deployment.EndedAt is { } ended ? Times.Exact(ended - deployment.StartedAt) : "",
        deployment.Cause,
        Words.Commit(deployment.Commit),
        deployment.Subject,
    ];

    private IEnumerable<Fact> Facts(ReleaseReport report)
    {
        var release = report.Release;
        yield return new Fact("state", Words.ReleaseState(release));
        if (release.QuarantinedAt is { } quarantined)
        {
            yield return new Fact("quarantined", times.Both(quarantined));
            yield return new Fact("", release.QuarantineReason);
        }

        yield return new Fact("prepared", times.Both(release.PreparedAt));
        if (release.CommittedAt is { } committed)
        {
            yield return new Fact("committed", times.Both(committed));
        }

        yield return new Fact("repository", report.Repository);
        if (report.Revision is { } revision)
        {
            yield return new Fact("revision", $"{revision.Ref}@{revision.Commit}");
            yield return new Fact("", revision.Subject);
            yield return new Fact("author", report.CommittedInGitAt is { } written ? $"{report.Author}, {times.Absolute(written)}" : report.Author);
        }

        foreach (var (label, values) in new[] { ("compose files", report.ComposeFiles), ("tools", report.Tools) })
        {
            if (values.Count > 0)
            {
                yield return new Fact(label, string.Join(", ", values));
            }
        }

        yield return new Fact("id", release.Id);
    }
}
