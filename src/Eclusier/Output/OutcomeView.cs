using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>How requests ended: a line each, and what was seen when a deployment failed.</summary>
internal static class OutcomeView
{
    public static Page Of(IReadOnlyList<OutcomeReport> outcomes)
    {
        var page = new Page();
        foreach (var outcome in outcomes)
        {
            page.Heading(new Cell($"{outcome.Stack}: {outcome.Outcome}: {outcome.Message}", Words.State(outcome.Outcome).Tone));
            foreach (var evidence in outcome.Deployment?.Evidence ?? [])
            {
                page.Sentence(new Cell(evidence.Subject, Tone.Strong)).Quote(evidence.Text);
            }
        }

        return page;
    }
}
