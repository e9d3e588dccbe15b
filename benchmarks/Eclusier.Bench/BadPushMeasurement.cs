using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>From the push of a version that does not work to the first answer of the one before it.</summary>
internal sealed class BadPushMeasurement(Options options, Findings findings, Screen screen)
{
    /// <summary>A tenth of the page's 10 × 10 s, for both.</summary>
    public const int HealthSeconds = 10;

    private static readonly (string What, Func<Behaviour, Behaviour> Spoil)[] Faults =
        [("crashes at its start", behaviour => behaviour.Crashing()), ("answers with 500", behaviour => behaviour.Answering(500))];

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var agent = new Agent(ground, ground.Host.NewStack("bench-bad")) { HealthSeconds = HealthSeconds };
        await using var loop = new ShellLoop(ground, ground.Host.NewStack("bench-bad-loop")) { HealthSeconds = HealthSeconds };
        ground.Host.Configure($"interval: 1s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        await loop.SetUpAsync(cancellationToken);
        foreach (var (what, spoil) in Faults)
        {
            var (ours, theirs) = (new List<Return>(), new List<Return>());
            for (var pair = 1; pair <= options.Failures; pair++)
            {
                ours.Add(await agent.FailAsync(spoil, cancellationToken));
                theirs.Add(await loop.FailAsync(spoil, cancellationToken));
                screen.Say($"a version that {what}, {pair} of {options.Failures}: old bits after {ours[^1].UntilBack.TotalSeconds:0.0} s (gap {ours[^1].Gap.TotalSeconds:0.0}), with the loop after {theirs[^1].UntilBack.TotalSeconds:0.0} s (gap {theirs[^1].Gap.TotalSeconds:0.0})");
                await loop.RecoverAsync(cancellationToken);
            }

            Sample Of(List<Return> returns, Func<Return, TimeSpan> time) => new(returns.Select(one => time(one).TotalSeconds));
            findings.Add(
                Finding.Ratio($"push of a version that {what}, until the old one answers again", Of(ours, one => one.UntilBack), Of(theirs, one => one.UntilBack), "s"),
                Finding.Ratio($"push of a version that {what}, time without service", Of(ours, one => one.Gap), Of(theirs, one => one.Gap), "s"));
        }
    }
}
