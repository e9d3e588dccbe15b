using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What the daemon holds after so many deployments, and whether that grows.</summary>
internal sealed class MemoryCourse(Options options, Findings findings, Screen screen)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Until the pass is wholly over.</summary>
    private static readonly TimeSpan OneMore = TimeSpan.FromSeconds(2);

    /// <summary>One small stack that is deployed again and again, with a poll each second in between.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var name = ground.Host.NewStack("bench-course");
        var repository = ground.NewRepository(name);
        var images = new string[2];
        for (var image = 0; image < images.Length; image++)
        {
            images[image] = $"{ground.Images.Registry}/{name}/web:v{image}";
            await ground.Images.PushAsync($"{name}/web", $"v{image}", new Behaviour("web", $"v{image}"));
        }

        string Compose(int version) => $"services: {{ web: {{ image: '{images[version % images.Length]}', stop_grace_period: 1s, environment: {{ VERSION: '{version}' }} }} }}\n";
        Task DeployAsync(int version) => CommittedAsync(ground, name, repository.Commit($"Version {version}", ("compose.yaml", Compose(version))), cancellationToken);

        ground.Host.Configure($"stacks:\n  {name}:\n    interval: 1s\n    repository: {ground.Git.UrlOf(repository)}\n    health: {{ timeout: 30s, interval: 300ms, soak: 300ms }}");
        var first = repository.Commit("Version 0", ("compose.yaml", Compose(0)));
        await ground.Host.StartAsync();
        await CommittedAsync(ground, name, first, cancellationToken);
        var course = new List<(int Deployments, Memory Memory)> { (1, await ReadAsync(ground, options.Idle, cancellationToken)) };
        for (var deployment = 1; deployment < options.Course; deployment++)
        {
            await DeployAsync(deployment);
            if ((deployment + 1) % 10 == 0)
            {
                course.Add((deployment + 1, await ReadAsync(ground, deployment + 1 < options.Course ? OneMore : options.Idle, cancellationToken)));
                screen.Say($"after {course[^1].Deployments} deployments: {course[^1].Memory.Resident:0.0} MiB resident, {course[^1].Memory.Dirty:0.0} private");
            }
        }

        var last = course[^1];
        findings.Add(
            Finding.Size("daemon with polls each second, after its first deployment, resident", course[0].Memory.Resident, target: 48),
            Finding.Size("the same, of it private", course[0].Memory.Dirty, target: 24),
            Finding.Size($"the same after {last.Deployments} deployments, resident", last.Memory.Resident, target: 48),
            Finding.Size($"the same after {last.Deployments} deployments, of it private", last.Memory.Dirty, target: 24));
    }

    private static async Task<Memory> ReadAsync(Ground ground, TimeSpan rest, CancellationToken cancellationToken)
    {
        await Task.Delay(rest, cancellationToken);
        return ProcessCost.ReadMemory(ground.Host.DaemonId);
    }

    private static async Task CommittedAsync(Ground ground, string name, string commit, CancellationToken cancellationToken)
    {
        var deployment = await ground.Host.AwaitDeploymentAsync(name, commit, within: Patience, cancellationToken: cancellationToken);
        if (deployment.Result != "committed")
        {
            throw new InvalidOperationException($"the deployment was expected to be committed: {deployment}");
        }
    }
}
