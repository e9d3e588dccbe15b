namespace Eclusier.Bench;

/// <summary>The same change brought to the host by both, in turn.</summary>
/// <param name="Size">Of the change: <c>a few kB</c>.</param>
internal sealed record RaceResult(string Size, IReadOnlyList<Update> Agent, IReadOnlyList<Update> Bare)
{
    public double AnswerRatio => AgentAnswer.Median / BareAnswer.Median;

    public double GapRatio => AgentGap.Median / BareGap.Median;

    public Sample AgentAnswer => new(Agent.Select(update => update.UntilAnswer.TotalMilliseconds));

    public Sample BareAnswer => new(Bare.Select(update => update.UntilAnswer.TotalMilliseconds));

    public Sample AgentGap => new(Agent.Select(update => update.Gap.TotalMilliseconds));

    public Sample BareGap => new(Bare.Select(update => update.Gap.TotalMilliseconds));

    public Sample FromCommand => new(Agent.Select(update => update.FromCommand?.TotalMilliseconds).OfType<double>());

    /// <summary>The steps in their order, up to the one after which the new version answers.</summary>
    public IReadOnlyList<(string Step, Sample Milliseconds)> Steps =>
        [.. Agent[0].Steps.TakeWhile(step => step.Step != "health-gate").Select(step => (step.Step, new Sample(
            Agent.SelectMany(update => update.Steps).Where(other => other.Step == step.Step).Select(other => (other.Seconds ?? 0) * 1000))))];
}

/// <summary>Lets both deploy in turn, each version new to both; who begins changes from pair to pair.</summary>
internal static class Race
{
    public static async Task<RaceResult> RunAsync(Contestant agent, Contestant bare, string size, int padding, int pairs, Screen screen, CancellationToken cancellationToken)
    {
        var (agents, bares) = (new List<Update>(), new List<Update>());
        for (var pair = 0; pair <= pairs; pair++) // the first pair does not count
        {
            var isAgentFirst = pair % 2 == 0;
            var first = await (isAgentFirst ? agent : bare).UpdateAsync(padding, cancellationToken);
            var second = await (isAgentFirst ? bare : agent).UpdateAsync(padding, cancellationToken);
            var (ofAgent, ofBare) = isAgentFirst ? (first, second) : (second, first);
            screen.Say($"{(pair == 0 ? "warm-up" : $"pair {pair}")}, {size}: eclusier answers after {ofAgent.UntilAnswer.TotalMilliseconds:0} ms (gap {ofAgent.Gap.TotalMilliseconds:0}), bare after {ofBare.UntilAnswer.TotalMilliseconds:0} ms (gap {ofBare.Gap.TotalMilliseconds:0})");
            if (pair > 0)
            {
                agents.Add(ofAgent);
                bares.Add(ofBare);
            }
        }

        return new RaceResult(size, agents, bares);
    }
}
