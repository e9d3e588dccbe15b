using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The daemon is killed (SIGKILL) in the middle of a deployment and started again: what was begun is brought to its end.</summary>
public sealed class InterruptionSpecs : IAsyncLifetime
{
    private Shop shop = null!;
    private string good = "";

    public async ValueTask InitializeAsync() => shop = await Shop.CreateAsync(health: "timeout: 8s\ninterval: 300ms\nsoak: 1s");

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task While_it_applies_a_good_release()
    {
        await StartSlowlyStoppingAsync();
        await PushAndKillAsync(WhenItAppliesAsync);
        await ExpectEndAsync("committed", "web v2");
    }

    [Fact]
    public async Task While_it_applies_a_bad_release()
    {
        await StartSlowlyStoppingAsync();
        await PushAndKillAsync(WhenItAppliesAsync, version => version.Crashing());
        await ExpectEndAsync("rolled-back", "web v1");
    }

    [Fact]
    public async Task While_a_good_release_is_at_the_health_gate()
    {
        await StartAsync();
        await PushAndKillAsync(from => shop.Host.AwaitLineAsync("Health check 1:", from), version => version.With("start_delay", "3"));
        var container = await shop.ContainerAsync("web");
        await ExpectEndAsync("committed", "web v2");
        Assert.Equal(container.Id, (await shop.ContainerAsync("web")).Id); // it was applied already
    }

    [Fact]
    public async Task While_a_bad_release_is_at_the_health_gate()
    {
        await StartAsync();
        await PushAndKillAsync(from => shop.Host.AwaitLineAsync("Health check 1:", from), version => version.Answering(500));
        await ExpectEndAsync("rolled-back", "web v1");
    }

    [Fact]
    public async Task While_it_goes_back()
    {
        await StartAsync();
        await PushAndKillAsync(from => shop.Host.AwaitLineAsync("Rolling back from release #2 to #1", from), version => version.Crashing());
        await ExpectEndAsync("rolled-back", "web v1");
    }

    private async Task StartAsync(Func<Behaviour, Behaviour>? bits = null)
    {
        good = await shop.PushAsync("v1", bits);
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", good);
    }

    /// <summary>A first version that takes its time to stop: `up` of the second lasts long enough to be met in its middle.</summary>
    private Task StartSlowlyStoppingAsync()
    {
        shop.WebKeys = "stop_grace_period: 4s";
        return StartAsync(version => version.With("ignore_term", "1"));
    }

    private Task WhenItAppliesAsync(int from) => shop.AwaitStatusAsync("it applies", status => status.Deployment is { Steps: [.., { Step: "apply", Succeeded: null }] });

    private async Task PushAndKillAsync(Func<int, Task> when, Func<Behaviour, Behaviour>? bits = null)
    {
        var from = shop.Host.Journal.Count;
        await shop.PushAsync("v2", bits);
        await when(from);
        await shop.Host.KillAsync();
        await shop.Host.StartAsync();
    }

    private async Task ExpectEndAsync(string result, string answer)
    {
        var commit = shop.Repository.Head;
        var deployment = await shop.ExpectAsync(result, commit);

        Assert.Equal(answer, await shop.AnswerAsync());
        Assert.Single(await shop.ContainersAsync()); // nothing half made is left
        await shop.PollsAsync(2);
        var history = await shop.HistoryAsync();
        Assert.DoesNotContain(history.Deployments, one => one.Result is null);
        Assert.Equal(deployment.Id, history.Deployments[0].Id); // finished, and not begun once more
        Assert.Contains(shop.Host.Journal, line => line.Contains($"{shop.Stack}: The deployment of release #2 was interrupted at", StringComparison.Ordinal));
        var status = await shop.StatusAsync();
        Assert.Null(status.Deployment);
        Assert.Equal(result == "committed" ? ("healthy", commit) : ("rolled-back", good), (status.State, status.LastKnownGood?.Commit));
    }
}
