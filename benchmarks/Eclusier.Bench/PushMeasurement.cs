namespace Eclusier.Bench;

/// <summary>From the end of a push to the first answer of the new version: told by a webhook, and found by a poll.</summary>
internal sealed class PushMeasurement(Options options, Findings findings, Screen screen)
{
    public const int IntervalSeconds = 3;

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await MeasureWebhooksAsync(cancellationToken);
        await MeasurePollsAsync(cancellationToken);
    }

    private async Task MeasureWebhooksAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        using var webhook = new Webhook();
        var agent = new Agent(ground, ground.Host.NewStack("bench-hook")) { Webhook = webhook };
        var bare = new BareCommands(ground, ground.Host.NewStack("bench-hook-bare"));
        ground.Host.Configure($"interval: 1h\napi: {{ listen: \"{webhook.Listen}\" }}\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        await bare.SetUpAsync(cancellationToken);
        foreach (var (size, padding) in Sample.Sizes)
        {
            await RaceAsync($"from push by webhook, {size}", target: 1.05, options.Pairs, async _ =>
            {
                await webhook.RestAsync(cancellationToken);
                return await agent.UpdateByPushAsync(padding, phase: null, cancellationToken);
            }, _ => bare.UpdateAsync(padding, cancellationToken));
        }
    }

    private async Task MeasurePollsAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var agent = new Agent(ground, ground.Host.NewStack("bench-push"));
        await using var loop = new ShellLoop(ground, ground.Host.NewStack("bench-push-loop")) { IntervalSeconds = IntervalSeconds };
        ground.Host.Configure($"interval: {IntervalSeconds}s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        await loop.SetUpAsync(cancellationToken);
        var (size, padding) = Sample.Sizes[0];
        var pairs = options.SlowPairs;

        // spread over the interval, the same for both: how long a poll is waited for would else be a matter of luck
        TimeSpan PhaseOf(int pair) => TimeSpan.FromSeconds(IntervalSeconds * (Math.Max(pair, 1) - 0.5) / pairs);
        await RaceAsync($"from push by a poll each {IntervalSeconds} s, {size}", target: null, pairs,
            pair => agent.UpdateByPushAsync(padding, PhaseOf(pair), cancellationToken), pair => loop.UpdateByPushAsync(padding, PhaseOf(pair), cancellationToken));
    }

    private async Task RaceAsync(string what, double? target, int pairs, Func<int, Task<Update>> agent, Func<int, Task<Update>> other)
    {
        var race = await Race.RunAsync(what, pairs, agent, other, screen);
        findings.Races.Add(race);
        findings.Add(Finding.Ratio($"new version answers, {what}", race.AgentAnswer, race.OtherAnswer, "ms", target));
    }
}
