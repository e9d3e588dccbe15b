using Eclusier.Lab;

namespace Eclusier.Demo;

/// <summary>The acts, in order: what is pushed, what is expected, and what can be seen when it is over.</summary>
internal sealed class Story(Stage stage, Screen screen)
{
    private readonly List<ActResult> results = [];
    private string good = ""; // the commit that is expected to be last known good
    private int workerVersion = 1;

    public async Task<IReadOnlyList<ActResult>> TellAsync(CancellationToken cancellationToken)
    {
        await GoodVersionAsync("A good version", "v1", "worker v1", cancellationToken);
        await BadVersionAsync("A version that crashes", "v2", version => version.Crashing(), "web v1, worker v1", cancellationToken);
        await BadVersionAsync("A version that answers 500", "v3", version => version.Answering(500), "web v1, worker v1", cancellationToken);
        await TwoBadCommitsAtOnceAsync(cancellationToken);
        await GoodVersionAsync("A good version again", "v6", "worker v1", cancellationToken);
        await MovedTagAsync("':latest' moves to bad bits", version => version.Crashing(), "rolled-back", "web v6, worker v1", cancellationToken);
        await MovedTagAsync("':latest' moves to good bits", version => version, "committed", "web v6, worker v3", cancellationToken);
        await LateImageAsync(cancellationToken);
        await InvalidYamlAsync(cancellationToken);
        await GoodVersionAsync("A good version at the end", "v9", "worker v3", cancellationToken);
        return results;
    }

    private Task GoodVersionAsync(string title, string version, string worker, CancellationToken cancellationToken) => ActAsync(title, async () =>
    {
        screen.Say($"pushed: a commit, and an image of web {version} that works");
        if (good.Length == 0)
        {
            await stage.Images.PushAsync("shop/worker", "latest", Worker("v1"));
        }

        var commit = good = await CommitAsync($"Web {version}", version => version, version);
        stage.Repository.Push();
        await stage.StartAgentAsync();
        return (new Seen("committed", $"web {version}, {worker}", Short(commit), false), await SeeAsync(commit, 0, cancellationToken));
    }, cancellationToken);

    private Task BadVersionAsync(string title, string version, Func<Behaviour, Behaviour> bad, string answer, CancellationToken cancellationToken) => ActAsync(title, async () =>
    {
        screen.Say($"pushed: a commit, and an image of web {version} that is bad");
        var commit = await CommitAsync($"Web {version}", bad, version);
        stage.Repository.Push();
        return (new Seen("rolled-back", answer, Short(good), true), await SeeAsync(commit, 0, cancellationToken));
    }, cancellationToken);

    private Task TwoBadCommitsAtOnceAsync(CancellationToken cancellationToken) => ActAsync("Two bad commits at once", async () =>
    {
        screen.Say("pushed: two commits with one push; web v4 crashes, web v5 answers 500. One commit back would be bad too.");
        await CommitAsync("Web v4", version => version.Crashing(), "v4");
        var commit = await CommitAsync("Web v5", version => version.Answering(500), "v5");
        stage.Repository.Push();
        return (new Seen("rolled-back", "web v1, worker v1", Short(good), true), await SeeAsync(commit, 0, cancellationToken));
    }, cancellationToken);

    private Task MovedTagAsync(string title, Func<Behaviour, Behaviour> bits, string result, string answer, CancellationToken cancellationToken) => ActAsync(title, async () =>
    {
        workerVersion++;
        var newest = (await stage.Host.HistoryAsync(Stage.StackName)).Deployments[0].Id;
        screen.Say($"pushed: no commit, only an image: worker v{workerVersion} under the tag that is followed, '{stage.Images.Registry}/shop/worker:latest'");
        await stage.Images.PushAsync("shop/worker", "latest", bits(Worker($"v{workerVersion}")));
        return (new Seen(result, answer, Short(good), result == "rolled-back"), await SeeAsync(good, newest, cancellationToken));
    }, cancellationToken);

    private Task LateImageAsync(CancellationToken cancellationToken) => ActAsync("An image that comes 10 s late", async () =>
    {
        screen.Say("pushed: a commit; its image, web v7, comes 10 seconds later, as from a slow build");
        var commit = good = stage.Repository.CommitLocally("Web v7");
        stage.Repository.Push();
        var late = Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        var waiting = await stage.Host.AwaitStatusAsync(Stage.StackName, "it waits for the image", status => status.State == "waiting", TimeSpan.FromSeconds(9), cancellationToken);
        screen.Say($"status: {waiting.State}: {waiting.Message}");
        await late;
        await stage.Images.PushAsync("shop/web", Tag(commit), Web("v7"));
        screen.Say("pushed: the image");
        return (new Seen("committed", "web v7, worker v3", Short(commit), false), await SeeAsync(commit, 0, cancellationToken));
    }, cancellationToken);

    private Task InvalidYamlAsync(CancellationToken cancellationToken) => ActAsync("Invalid YAML", async () =>
    {
        screen.Say("pushed: a commit with a Compose file that is no YAML");
        var before = await DockerCli.RunningIdsAsync(Stage.StackName);
        var commit = stage.Repository.Commit("Web v8, typed in a hurry", ("compose.yaml", stage.Compose + "  web: [\n"));
        var seen = await SeeAsync(commit, 0, cancellationToken);
        var after = await DockerCli.RunningIdsAsync(Stage.StackName);
        var untouched = before.Count == after.Count && before.All(pair => after.GetValueOrDefault(pair.Key) == pair.Value);
        return (new Seen("rejected, nothing touched", "web v7, worker v3", Short(good), false), seen with { Result = $"{seen.Result}, {(untouched ? "nothing touched" : "containers touched")}" });
    }, cancellationToken);

    /// <summary>Plays an act, shows it, and writes down what came of it: whatever goes wrong, the next one is played too, as long as the agent lives.</summary>
    private async Task ActAsync(string title, Func<Task<(Seen Expected, Seen Happened)>> play, CancellationToken cancellationToken)
    {
        screen.Heading($"{results.Count + 1}. {title}");
        screen.Say($"before: {await stage.AnswerAsync(cancellationToken)}");
        ActResult result;
        try
        {
            var (expected, happened) = await play();
            result = new ActResult(title, expected.ToString(), happened.ToString());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && stage.Host.IsRunning)
        {
            screen.Say(exception.Message);
            result = new ActResult(title, "an end", exception.Message.Split('\n')[0]);
        }

        results.Add(result);
        screen.Say($"after:  {await stage.AnswerAsync(cancellationToken)}");
        screen.Verdict(result);
    }

    /// <summary>Commits the application with an image of its own, built before the push as CI does; nothing is pushed to git yet.</summary>
    private async Task<string> CommitAsync(string subject, Func<Behaviour, Behaviour> bits, string version)
    {
        var commit = stage.Repository.CommitLocally(subject, ("compose.yaml", stage.Compose));
        await stage.Images.PushAsync("shop/web", Tag(commit), bits(Web(version)));
        return commit;
    }

    private async Task<Seen> SeeAsync(string commit, long after, CancellationToken cancellationToken)
    {
        var deployment = await stage.Host.AwaitDeploymentAsync(Stage.StackName, commit, after, TimeSpan.FromSeconds(90), cancellationToken);
        var status = await stage.Host.StatusAsync(Stage.StackName);
        return new Seen(
            deployment.Result!,
            await stage.AnswerAsync(cancellationToken),
            status.LastKnownGood?.Commit is { } lastKnownGood ? Short(lastKnownGood) : "no commit",
            status.Quarantined.Any(release => release.Number == deployment.Release));
    }

    private static Behaviour Web(string version) => new("web", version);

    private static Behaviour Worker(string version) => new("worker", version) { Mode = "worker" };

    private static string Tag(string commit) => $"main-{Short(commit)}";

    private static string Short(string commit) => commit[..7];
}
