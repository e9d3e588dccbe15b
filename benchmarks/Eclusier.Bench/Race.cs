namespace Eclusier.Bench;

/// <summary>The same change brought to the host by both, in turn.</summary>
/// <param name="What">How, and how large it is: <c>a layer of 32 MiB</c>.</param>
internal sealed record RaceResult(string What, IReadOnlyList<Update> Agent, IReadOnlyList<Update> Other)
{
    public Sample AgentAnswer => new(Agent.Select(update => update.UntilAnswer.TotalMilliseconds));

    public Sample OtherAnswer => new(Other.Select(update => update.UntilAnswer.TotalMilliseconds));

    public Sample AgentGap => new(Agent.Select(update => update.Gap.TotalMilliseconds));

    public Sample OtherGap => new(Other.Select(update => update.Gap.TotalMilliseconds));

    /// <summary><c>null</c>: there was no command.</summary>
    public Sample? FromCommand => Agent.Any(update => update.FromCommand is not null) ? new(Agent.Select(update => update.FromCommand?.TotalMilliseconds).OfType<double>()) : null;

    /// <summary>The steps in their order, up to the one after which the new version answers.</summary>
    public IReadOnlyList<(string Step, Sample Milliseconds)> Steps =>
        [.. Agent[0].Steps.TakeWhile(step => step.Step != "health-gate").Select(step => (step.Step, new Sample(
            Agent.SelectMany(update => update.Steps).Where(other => other.Step == step.Step).Select(other => (other.Seconds ?? 0) * 1000))))];
}

/// <summary>Lets both deploy in turn, each version new to both; who begins changes from pair to pair.</summary>
internal static class Race
{
    /// <param name="agent">Updates once; gets the number of the pair, from 0.</param>
    public static async Task<RaceResult> RunAsync(string what, int pairs, Func<int, Task<Update>> agent, Func<int, Task<Update>> other, Screen screen)
    {
        var (agents, others) = (new List<Update>(), new List<Update>());
        for (var pair = 0; pair <= pairs; pair++) // the first pair does not count
        {
            var isAgentFirst = pair % 2 == 0;
            var first = await (isAgentFirst ? agent : other)(pair);
            var second = await (isAgentFirst ? other : agent)(pair);
            var (ofAgent, ofOther) = isAgentFirst ? (first, second) : (second, first);
            screen.Say($"{(pair == 0 ? "warm-up" : $"pair {pair}")}, {what}: eclusier answers after {ofAgent.UntilAnswer.TotalMilliseconds:0} ms (gap {ofAgent.Gap.TotalMilliseconds:0}), the other after {ofOther.UntilAnswer.TotalMilliseconds:0} ms (gap {ofOther.Gap.TotalMilliseconds:0})");
            if (pair > 0)
            {
                agents.Add(ofAgent);
                others.Add(ofOther);
            }
        }

        return new RaceResult(what, agents, others);
    }
}
