using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>What a deployment would change, service by service, and why.</summary>
internal static class PlanView
{
    public static Page Of(IReadOnlyList<PlanReport> plans, IReadOnlyList<StackError> errors)
    {
        var page = new Page();
        foreach (var plan in plans)
        {
            Add(page, plan);
        }

        foreach (var error in errors)
        {
            page.Gap().Heading(new Cell($"{error.Stack}: no plan: {error.Message}", Tone.Bad));
        }

        return page;
    }

    private static void Add(Page page, PlanReport plan)
    {
        page.Gap()
            .Heading(new Cell($"{plan.Stack}: {Summary(plan)}", plan.HasChanges ? Tone.Warning : Tone.Good))
            .Sentence(plan.Message)
            .Facts(
            [
                new Fact("revision", Words.Revision(plan.Revision)),
                .. plan.From is { } from ? [new Fact("from", Words.Number(from))] : Array.Empty<Fact>(),
                .. plan.IsQuarantined ? [new Fact("quarantine", new Cell("this release is in quarantine: `eclusier retry` frees it", Tone.Bad))] : Array.Empty<Fact>(),
                .. plan.Obstacles.Select(obstacle => new Fact("obstacle", new Cell(obstacle, Tone.Bad))),
            ]);
        if (plan.Changes.Count > 0)
        {
            page.Gap().Listing(
                ["", "SERVICE", "ACTION", "BECAUSE"],
                [.. plan.Changes.Select(change => (IReadOnlyList<Cell>)
                [
                    Mark(change.Action),
                    change.Service,
                    change.Signal is null ? change.Action : $"{change.Action} {change.Signal}",
                    string.Join("; ", change.Reasons),
                ])]);
        }
    }

    private static string Summary(PlanReport plan)
    {
        var changes = plan.Changes.Count(change => change.Action != "keep");
        return (plan.HasChanges, changes) switch
        {
            (false, _) => "nothing would change",
            (true, 0) => "a deployment is due",
            (true, 1) => "1 service would change",
            _ => $"{changes} services would change",
        };
    }

    private static Cell Mark(string action) => action switch
    {
        "create" or "start" => new Cell("+", Tone.Good),
        "recreate" or "scale" or "signal" => new Cell("~", Tone.Warning),
        "remove" => new Cell("-", Tone.Bad),
        _ => new Cell("=", Tone.Quiet),
    };
}
