using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>The measurements, in their order.</summary>
internal sealed class Measurements(Options options, Findings findings, Screen screen)
{
    private const int Mebibyte = 1024 * 1024;

    /// <param name="measured">Called after each of them.</param>
    public async Task RunAsync(Action measured, CancellationToken cancellationToken)
    {
        var images = new ImageMeasurements(options, findings, screen);
        (string Name, Func<CancellationToken, Task> MeasureAsync)[] all =
        [
            ("deploy", MeasureDeploymentsAsync),
            ("poll", new PollMeasurement(options, findings, screen).MeasureAsync),
            ("push", new PushMeasurement(options, findings, screen).MeasureAsync),
            ("bad", new BadPushMeasurement(options, findings, screen).MeasureAsync),
            ("kill", new KillMeasurement(options, findings, screen).MeasureAsync),
            ("start", MeasureStartsAsync),
            ("image", images.MeasureLooksAsync),
            ("heal", images.MeasureReturnsAsync),
            ("file", images.MeasureRecreationsAsync),
            ("webhook", MeasureWebhooksAsync),
            ("dashboard", MeasureDashboardAsync),
            ("scale", new ScaleMeasurements(options, findings, screen).MeasureAsync),
            ("libraries", new LibraryMeasurement(options, screen).MeasureAsync),
            ("memory", new MemoryCourse(options, findings, screen).MeasureAsync),
        ];
        var wanted = all.Where(one => options.Wants(one.Name)).ToList();
        findings.Left.AddRange(wanted.Select(one => one.Name));
        foreach (var (name, measureAsync) in wanted)
        {
            await MeasureAsync(name, measureAsync, cancellationToken);
            findings.Left.Remove(name);
            measured();
        }
    }

    /// <summary>What cannot be measured is told at the end; the rest is measured all the same.</summary>
    private async Task MeasureAsync(string name, Func<CancellationToken, Task> measure, CancellationToken cancellationToken)
    {
        try
        {
            await measure(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            screen.Say($"{name} could not be measured: {exception.Message}");
            findings.NotMeasured.Add($"{name}: {exception.Message.Split('\n')[0]}");
        }
    }

    /// <summary>Deployments against the bare commands; before and after them, the memory of the idle daemon.</summary>
    private async Task MeasureDeploymentsAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var agent = new Agent(ground, ground.Host.NewStack("bench-agent"));
        var bare = new BareCommands(ground, ground.Host.NewStack("bench-bare"));
        ground.Host.Configure($"interval: 15s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        await bare.SetUpAsync(cancellationToken);
        screen.Say($"both run; the daemon idles for {options.Idle.TotalSeconds:0} s");
        await Task.Delay(options.Idle, cancellationToken);
        var before = ProcessCost.ReadMemory(ground.Host.DaemonId);

        var races = new List<RaceResult>();
        foreach (var (size, padding) in Sample.Sizes)
        {
            races.Add(await Race.RunAsync(size, options.Pairs, _ => agent.UpdateByCommandAsync(padding, cancellationToken), _ => bare.UpdateAsync(padding, cancellationToken), screen));
        }

        screen.Say($"the daemon idles for {options.Idle.TotalSeconds:0} s");
        await Task.Delay(options.Idle, cancellationToken);
        var deployments = 1 + (races.Count * (options.Pairs + 1));
        var after = ProcessCost.ReadMemory(ground.Host.DaemonId);

        findings.Races.AddRange(races);
        findings.Add(races.Select(race => Finding.Ratio($"new version answers, {race.What}", race.AgentAnswer, race.OtherAnswer, "ms", target: 1.15)));
        findings.Add(races.Select(race => Finding.Ratio($"time without service, {race.What}", race.AgentGap, race.OtherGap, "ms")));
        findings.Add(
            Finding.Size("idle daemon, resident", before.Resident, target: 48),
            Finding.Size("idle daemon, of it private", before.Dirty, target: 24),
            Finding.Size("idle daemon, private with the clean pages of its own file", before.Private),
            Finding.Size($"idle daemon after {deployments} deployments, resident", after.Resident, target: 48),
            Finding.Size($"idle daemon after {deployments} deployments, of it private", after.Dirty, target: 24),
            Finding.Size($"idle daemon after {deployments} deployments, private with the clean pages of its own file", after.Private));
    }

    private async Task MeasureWebhooksAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        screen.Say($"{options.Webhooks} webhooks are sent");
        var times = await WebhookDelay.MeasureAsync(ground, options.Webhooks, cancellationToken);
        findings.Add(new Finding("webhook to the beginning of the look it asks for, p50", $"{WebhookDelay.Percentile(times, 50):0.0} ms", "", ""), new Finding("the same, p99", $"{WebhookDelay.Percentile(times, 99):0.0} ms", "", ""));
    }

    private async Task MeasureStartsAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var agent = new Agent(ground, ground.Host.NewStack("bench-start"));
        ground.Host.Configure($"interval: 1h\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        screen.Say("commands are started and end");
        Task<Sample> TimeAsync(string program, params string[] words) => StartUp.OfAsync(options.Starts, program, words, ground.Host.Environment, cancellationToken);
        var compose = await TimeAsync("docker", "compose", "version", "--short");
        var composeList = await TimeAsync("docker", "compose", "ls");
        var version = await TimeAsync(ground.Host.Program, "--version");
        var status = await TimeAsync(ground.Host.Program, "status", "--config", ground.Host.ConfigFile);
        findings.Add(
            Finding.Ratio("`--version`, against `docker compose version`", version, compose, "ms"),
            Finding.Ratio("`status`, against `docker compose ls`", status, composeList, "ms").HeldAgainst(status.Median, 20, "ms"),
            Finding.Size("size of the binary", new FileInfo(ground.Host.Program).Length / (double)Mebibyte, target: 40));
    }

    private async Task MeasureDashboardAsync(CancellationToken cancellationToken)
    {
        const int People = 5;
        await using var ground = await Ground.SetUpAsync();
        var name = ground.Host.NewStack("bench-pages");
        var agent = new Agent(ground, name);
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}/");
        ground.Host.Configure($"interval: 15s\napi:\n  listen: {address.Authority}\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        screen.Say($"nobody looks; the daemon idles for {options.Idle.TotalSeconds:0} s");
        await Task.Delay(options.Idle, cancellationToken);
        var alone = ProcessCost.ReadMemory(ground.Host.DaemonId);

        var token = (await ground.Host.RunAsync("token", "create", "bench", "--role", "read")).Succeeded().Trim();
        using var dashboard = await DashboardCost.SignInAsync(address, token, cancellationToken);
        var overview = await dashboard.MeasureAsync("/", options.Pages, cancellationToken);
        var page = await dashboard.MeasureAsync($"/stacks/{name}", options.Pages, cancellationToken);
        screen.Say($"{People} people keep a stack's page open, for {options.Idle.TotalSeconds:0} s");
        var watched = await dashboard.MeasureOpenAsync(People, name, ground.Host, options.Idle, cancellationToken);

        findings.Add(
            new Finding("dashboard, first byte of all stacks", $"{overview.FirstByte} ms", "", ""),
            new Finding("dashboard, first byte of a stack's page", $"{page.FirstByte} ms", "", ""),
            new Finding("dashboard, a stack's page with style, script and icon, not compressed", $"{page.Kibibytes:0.0} KiB", "", ""),
            Finding.Size("daemon with `api.listen`, nobody looks, resident", alone.Resident),
            Finding.Size("daemon with `api.listen`, nobody looks, of it private", alone.Dirty),
            Finding.Size($"daemon with {People} open dashboards, resident", watched.Resident),
            Finding.Size($"daemon with {People} open dashboards, of it private", watched.Dirty));
    }
}
