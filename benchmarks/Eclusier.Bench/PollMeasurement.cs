namespace Eclusier.Bench;

/// <summary>What a poll costs that finds nothing: on this host, and at the git server.</summary>
internal sealed class PollMeasurement(Options options, Findings findings, Screen screen)
{
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        await using var relay = new CountingRelay(new Uri(ground.Git.Url).Port);
        var agent = new Agent(ground, ground.Host.NewStack("bench-poll")) { Relay = relay };
        await using var loop = new ShellLoop(ground, ground.Host.NewStack("bench-poll-loop")) { Relay = relay };
        ground.Host.Configure($"interval: 1s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        screen.Say($"the agent polls each second, for {options.Polling.TotalSeconds:0} s");
        var ours = await PollCost.MeasureAsync(agent, relay, ground.Host.Folder, options.Polling, cancellationToken);
        await ground.StopAgentAsync();

        await loop.SetUpAsync(cancellationToken);
        screen.Say($"so does the shell loop, for {options.Polling.TotalSeconds:0} s");
        var theirs = await PollCost.MeasureAsync(loop, relay, ground.Host.Folder, options.Polling, cancellationToken);
        screen.Say($"{ours.Polls} polls of the agent, {theirs.Polls} of the loop");
        if (theirs.Processes < 1 || theirs.Requests < 1 || loop.Lines.FirstOrDefault(line => line != "Checking for updates") is { })
        {
            throw new InvalidOperationException($"the shell loop does not poll as it is to: {theirs}; it said {string.Join(" / ", loop.Lines.Distinct())}");
        }

        findings.PollThreads = ours.Threads;
        findings.Add(
            Row("CPU", cost => cost.CpuMilliseconds, "0.00", " ms").HeldAgainst(ours.CpuMilliseconds, 1, "ms"),
            Row("processes", cost => cost.Processes, "0.0") with { Value = ours.Processes, Target = 0, TargetText = "none" },
            Row("requests to the git server", cost => cost.Requests, "0.0"),
            Row("bytes from and to the git server", cost => cost.Bytes, "0"));

        Finding Row(string what, Func<PollCost, double> number, string format, string unit = "") => Finding.Ratio(
            $"a poll that finds nothing, {what}", $"{number(ours).ToString(format)}{unit}", $"{number(theirs).ToString(format)}{unit}", number(ours) / number(theirs));
    }
}
