using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

internal sealed partial class Shop
{
    /// <summary>Runs a command about this stack: <c>RunAsync("plan")</c>.</summary>
    public Task<CommandOutcome> RunAsync(string command, params string[] words) => Host.RunAsync([command, Stack, .. words]);

    /// <summary>What a command answers in JSON; its exit code does not count here.</summary>
    public async Task<JsonNode> AskAsync(params string[] words) => JsonNode.Parse((await Host.RunAsync([.. words, "--output", "json"])).Output)!;

    /// <summary>Deploys a first version, so that there is something to go back to.</summary>
    /// <returns>Its container's id.</returns>
    public async Task<string> BeginWithAsync(string version)
    {
        var commit = await PushAsync(version);
        await Host.StartAsync();
        await ExpectAsync("committed", commit);
        return (await ContainerAsync("web")).Id;
    }

    /// <summary>What the work tree's Compose file says: it is moved only by applying.</summary>
    public string AppliedCompose() => File.ReadAllText(Path.Combine(Host.StateDirectory, "stacks", Stack, "work", "compose.yaml"));

    /// <summary>Deployments that touched the host.</summary>
    public async Task<IReadOnlyList<DeploymentView>> TrialsAsync() =>
        [.. (await HistoryAsync()).Deployments.Where(deployment => deployment.Steps.Any(step => step.Step == "apply"))];
}
