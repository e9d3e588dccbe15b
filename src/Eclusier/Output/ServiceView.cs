using Eclusier.Service;

namespace Eclusier.Output;

/// <summary>The systemd unit: what was done to it, and how it is.</summary>
internal sealed class ServiceView(Times times)
{
    /// <param name="ifNothing">What is said when nothing had to be done.</param>
    public static Page Of(UnitChangeReport report, string ifNothing)
    {
        var page = new Page();
        if (report.Text is { } text)
        {
            page.Heading($"{report.Unit} would be:").Quote(text.TrimEnd()).Gap().Heading("This would be done:");
        }

        if (report.Changes.Count == 0)
        {
            return page.Sentence(ifNothing);
        }

        foreach (var change in report.Changes)
        {
            page.Sentence(change);
        }

        return page;
    }

    public Page Of(UnitStatusReport status) => status.Unit is null
        ? new Page().Heading(new Cell("the service is not installed: `eclusier service install`", Tone.Warning))
        : new Page().Heading(new Cell($"{ServiceUnit.FileName}: {status.State}", status.State is "active" or "reloading" ? Tone.Good : Tone.Bad)).Sentence(status.Doing).Gap().Facts([.. Facts(status)]);

    private IEnumerable<Fact> Facts(UnitStatusReport status)
    {
        yield return new Fact("since", status.Since is { } since ? times.Both(since) : "never");
        yield return new Fact("at the host's start", status.Enabled ? "yes" : new Cell("no", Tone.Warning));
        if (status.Pid is { } pid)
        {
            yield return new Fact("process", $"{pid}");
        }

        yield return new Fact("restarts", status.Restarts == 0 ? "none" : new Cell($"{status.Restarts}: `journalctl -u eclusier` says why", Tone.Warning));
        if (status.LastExit is { } exit)
        {
            yield return new Fact("last exit", exit);
        }

        yield return new Fact("watchdog", $"{status.Watchdog ?? "none"}{(status.AliveAt is { } alive ? $", last heard {times.Relative(alive)}" : "")}");
        yield return new Fact("unit", status.Unit!);
        foreach (var dropIn in status.DropIns)
        {
            yield return new Fact("", $"changed by {dropIn}");
        }

        if (status.Outdated is { } outdated)
        {
            yield return new Fact("", new Cell(outdated, Tone.Warning));
        }
    }
}
