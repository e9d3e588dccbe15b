using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What keeping to a release costs: looking after followed tags, bringing a container back, and one changed file.</summary>
internal sealed class ImageMeasurements(Options options, Findings findings, Screen screen)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Requests and bytes of one look at the images of four services, of which three share one; none has moved.</summary>
    public async Task MeasureLooksAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var relay = ground.PutRelayBeforeRegistry();
        var name = ground.Host.NewStack("bench-look");
        await ground.Images.PushAsync($"{name}/web", "stable", new Behaviour("web", "v1"));
        await ground.Images.PushAsync($"{name}/worker", "stable", new Behaviour("worker", "v1") { Mode = "worker" });
        var service = $"{{ image: '{relay.Host}/{name}/web:stable', stop_grace_period: 1s }}";
        var compose = $"services: {{ one: {service}, two: {service}, three: {service}, worker: {service.Replace("/web:", "/worker:")} }}\n";
        await CommitAsync(ground, name, "interval: 1s\nimages: { follow: all, interval: 1s }", [("compose.yaml", compose)], cancellationToken);

        int Polls() => ground.Host.Journal.Count(line => line.Contains($"{name}: Checking for updates", StringComparison.Ordinal));
        async Task<(int Polls, int Requests, long Bytes)> NextAsync()
        {
            var polls = Polls();
            await Wait.UntilAsync("the next poll", Patience, () => Task.FromResult(Polls() > polls), cancellationToken);
            var (requests, bytes) = relay.Read();
            return (polls, requests, bytes);
        }

        screen.Say($"the agent looks after followed tags each second, for {options.Polling.TotalSeconds:0} s");
        var before = await NextAsync();
        await Task.Delay(options.Polling, cancellationToken);
        var after = await NextAsync();
        var looks = after.Polls - before.Polls;
        await ground.StopAgentAsync();

        var folder = Directory.CreateDirectory(Path.Combine(ground.Host.Folder, "bare")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "compose.yaml"), compose, cancellationToken);
        Task PullAsync() => ComposeAsync(ground, name, folder, ["pull"], cancellationToken);
        await PullAsync();
        var (pulledBefore, bytesBefore) = relay.Read();
        for (var run = 0; run < options.Starts; run++)
        {
            await PullAsync();
        }

        var (pulled, pulledBytes) = relay.Read();
        Finding Row(string what, string format, double ours, double theirs) =>
            Finding.Ratio($"a look at the images of 4 services (2 images), {what}", ours.ToString(format), theirs.ToString(format), ours / theirs);
        findings.Add(
            Row("requests", "0.0", (double)(after.Requests - before.Requests) / looks, (double)(pulled - pulledBefore) / options.Starts),
            Row("bytes both ways", "0", (double)(after.Bytes - before.Bytes) / looks, (double)(pulledBytes - bytesBefore) / options.Starts));
    }

    /// <summary>From `docker rm -f` to the service's answer: by the agent, and by a person who types at once.</summary>
    public async Task MeasureReturnsAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var (healed, bare) = (ground.Host.NewStack("bench-heal"), ground.Host.NewStack("bench-hand"));
        var (healedPort, barePort) = (FreePort.Take(), FreePort.Take());
        await ground.Images.PushAsync("bench/web", "stable", new Behaviour("web", "v1"));
        string Compose(int port) => $"services: {{ web: {{ image: '{ground.Images.Registry}/bench/web:stable', stop_grace_period: 1s, ports: ['127.0.0.1:{port}:8080'] }} }}\n";
        await CommitAsync(ground, healed, "interval: 1h", [("compose.yaml", Compose(healedPort))], cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(ground.Host.Folder, "bare")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "compose.yaml"), Compose(barePort), cancellationToken);
        await ComposeAsync(ground, bare, folder, ["up", "-d"], cancellationToken);

        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var pair = 0; pair <= options.SlowPairs; pair++)
        {
            screen.Say($"containers are removed, {pair} of {options.SlowPairs}");
            var mine = await TimeReturnAsync(healed, healedPort, () => Task.CompletedTask, cancellationToken);
            var other = await TimeReturnAsync(bare, barePort, () => ComposeAsync(ground, bare, folder, ["up", "-d"], cancellationToken), cancellationToken);
            if (pair > 0)
            {
                ours.Add(mine);
                theirs.Add(other);
            }

            // another deployment between two healings, or the next one would wait: it would be the same trouble again
            await Wait.ForAsync("the healing is over", Patience, () => ground.Host.HistoryAsync(healed), history => history.Deployments[0] is { Cause: "drift", Result: "committed" }, cancellationToken);
            (await ground.Host.RunAsync("deploy", healed, "--force")).Succeeded();
        }

        findings.Add(Finding.Ratio("`docker rm -f` to the next answer, against `docker compose up -d` at once", new Sample(ours), new Sample(theirs), "ms"));
    }

    /// <summary>How many of five containers a commit recreates that changes one file which two of them mount.</summary>
    public async Task MeasureRecreationsAsync(CancellationToken cancellationToken)
    {
        const int Mounting = 2;
        await using var ground = await Ground.SetUpAsync();
        var name = ground.Host.NewStack("bench-file");
        await ground.Images.PushAsync("bench/web", "stable", new Behaviour("web", "v1"));
        string Service(int number) => $"s{number}: {{ image: '{ground.Images.Registry}/bench/web:stable', stop_grace_period: 1s{(number < Mounting ? ", volumes: ['./app.conf:/app.conf:ro']" : "")} }}";
        var repository = await CommitAsync(ground, name, "interval: 1s", [("compose.yaml", $"services: {{ {string.Join(", ", Enumerable.Range(0, 5).Select(Service))} }}\n"), ("app.conf", "one\n")], cancellationToken);
        var before = await DockerCli.RunningIdsAsync(name);
        screen.Say("a commit changes one file");
        var commit = repository.Commit("Another file", ("app.conf", "two\n"));
        await ground.Host.AwaitDeploymentAsync(name, commit, cancellationToken: cancellationToken);
        var after = await DockerCli.RunningIdsAsync(name);
        var recreated = before.Count(service => after.GetValueOrDefault(service.Key) != service.Value);
        findings.Add(new Finding($"containers recreated by one changed file, of {before.Count}", $"{recreated}", $"{Mounting} mount it", "", recreated, Mounting) { TargetText = $"≤ {Mounting}" });
        if (recreated < Mounting)
        {
            throw new InvalidOperationException($"{Mounting} containers mount the file, and {recreated} were recreated: the others go on with the old one");
        }
    }

    private static async Task<double> TimeReturnAsync(string project, int port, Func<Task> bringBack, CancellationToken cancellationToken)
    {
        await using (var there = Prober.Start(port, "web v1"))
        {
            await there.FirstNewAsync(Patience, cancellationToken);
        }

        var container = (await DockerCli.ContainersAsync(project)).Single();
        var began = Stopwatch.GetTimestamp();
        await DockerCli.RunAsync("rm", "--force", container.Id);
        await using var prober = Prober.Start(port, "web v1");
        await bringBack();
        return Stopwatch.GetElapsedTime(began, await prober.FirstNewAsync(Patience, cancellationToken)).TotalMilliseconds;
    }

    private static async Task<GitRepository> CommitAsync(Ground ground, string name, string settings, (string Path, string Content)[] files, CancellationToken cancellationToken)
    {
        var repository = ground.NewRepository(name);
        var commit = repository.Commit("The application", files);
        var stack = string.Join('\n', $"{settings}\nrepository: {ground.Git.UrlOf(repository)}\nhealth: {{ timeout: 30s, interval: 300ms, soak: 300ms }}".Split('\n').Select(line => $"    {line}"));
        ground.Host.Configure($"stacks:\n  {name}:\n{stack}");
        await ground.Host.StartAsync();
        var deployment = await ground.Host.AwaitDeploymentAsync(name, commit, cancellationToken: cancellationToken);
        return deployment.Result == "committed" ? repository : throw new InvalidOperationException($"the first deployment was expected to be committed: {deployment}");
    }

    private static async Task ComposeAsync(Ground ground, string name, string folder, string[] words, CancellationToken cancellationToken) =>
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", name, .. words], ground.Host.Environment, folder, TimeSpan.FromMinutes(2), cancellationToken)).Succeeded();
}
