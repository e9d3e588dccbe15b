using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>The daemon dies in the middle of a deployment and is started again: how soon does what is to answer answer?</summary>
internal sealed class KillMeasurement(Options options, Findings findings, Screen screen)
{
    /// <summary>How long the shell loop is waited for: a look each second.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        KillPoint[] points =
        [
            KillPoint.Pulling(ground.PutRelayBeforeRegistry()),
            KillPoint.Event("when `up` has created the new container", "create"),
            KillPoint.Event("when `up` has stopped the old container", "die"),
            KillPoint.Event("when a version has started that answers with 500", "start") with { Change = behaviour => behaviour.Answering(500), IsBad = true },
        ];
        var agent = new Agent(ground, ground.Host.NewStack("bench-kill")) { HealthSeconds = BadPushMeasurement.HealthSeconds };
        await using var loop = new ShellLoop(ground, ground.Host.NewStack("bench-kill-loop")) { HealthSeconds = BadPushMeasurement.HealthSeconds };
        ground.Host.Configure($"interval: 1s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        await loop.SetUpAsync(cancellationToken);
        foreach (var point in points)
        {
            screen.Say($"killed {point.What}");
            var ours = new List<double>();
            for (var run = 1; run <= options.Kills; run++)
            {
                var time = await agent.DieAsync(point, Patience, cancellationToken) ?? throw new InvalidOperationException($"killed {point.What}, the agent did not get over it within {Patience.TotalSeconds:0} s");
                ours.Add(time.TotalSeconds);
                await agent.RecoverAsync(cancellationToken);
            }

            var theirs = await loop.DieAsync(point, Within, cancellationToken);
            await loop.RecoverAsync(cancellationToken);
            screen.Say($"killed {point.What}: {new Sample(ours)} s, the loop {Told(theirs)}");
            findings.Add(new Finding($"`kill -9` {point.What}, until {(point.IsBad ? "the old" : "the new")} version answers", $"{new Sample(ours)} s", Told(theirs), theirs is null ? "" : $"{new Sample(ours).Median / theirs.Value.TotalSeconds:0.00} ×"));
        }
    }

    private static string Told(TimeSpan? time) => time is null ? $"never within {Within.TotalSeconds:0} s" : $"{time.Value.TotalSeconds:0.0} s";
}
