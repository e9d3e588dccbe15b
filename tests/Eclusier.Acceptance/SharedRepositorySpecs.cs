using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Three stacks in one repository, each in a folder of its own.</summary>
public sealed class SharedRepositorySpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_for_one_stack_leaves_the_others_alone_and_all_ask_the_server_once()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        string[] folders = ["one", "two", "three"];
        var stacks = folders.ToDictionary(folder => folder, shop.Host.NewStack);
        shop.Host.Configure($"interval: 2s\nstacks:\n{string.Concat(folders.Select(folder => $"  {stacks[folder]}: {{ repository: '{git.UrlOf(shop.Repository)}', directory: {folder}, health: {{ timeout: 20s, interval: 300ms, soak: 500ms }} }}\n"))}");
        await shop.PushImageAsync("web", "v1", "v1");
        var first = shop.Repository.Commit("Three stacks", [.. folders.Select(folder => ($"{folder}/compose.yaml", Compose(shop, "first")))]);
        await shop.Host.StartAsync();
        foreach (var folder in folders)
        {
            Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(stacks[folder], first, cancellationToken: Token)).Result);
        }

        var before = await IdsAsync(stacks);
        var (looksBefore, requestsBefore) = (Looks(shop, stacks), git.RequestCount);
        await Wait.ForAsync("five rounds of looks", TimeSpan.FromSeconds(60), () => Looks(shop, stacks).Values.Min() - looksBefore.Values.Min(), looks => looks >= 5, Token);
        var rounds = stacks.Keys.Max(folder => Looks(shop, stacks)[folder] - looksBefore[folder]);
        Assert.InRange(git.RequestCount - requestsBefore, 4, rounds + 2); // 15 looks and more

        var second = shop.Repository.Commit("For one of them", ("two/compose.yaml", Compose(shop, "second")));

        Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(stacks["two"], second, cancellationToken: Token)).Result);
        foreach (var folder in new[] { "one", "three" })
        {
            var said = await shop.Host.AwaitLineAsync($"{stacks[folder]}: .*changes nothing for this stack", cancellationToken: Token); // the next look says something else
            Assert.Contains(second[..7], said);
            Assert.Equal("healthy", (await shop.Host.StatusAsync(stacks[folder])).State);
        }

        var after = await IdsAsync(stacks);
        Assert.Equal(before["one"], after["one"]);
        Assert.Equal(before["three"], after["three"]);
        Assert.NotEqual(before["two"], after["two"]);
    }

    private static string Compose(Shop shop, string round) => $"services: {{ web: {{ image: '{shop.Image("web", "v1")}', stop_grace_period: 1s, environment: {{ ROUND: {round} }} }} }}\n";

    private static Dictionary<string, int> Looks(Shop shop, Dictionary<string, string> stacks) =>
        stacks.ToDictionary(stack => stack.Key, stack => shop.Host.Journal.Count(line => line.Contains($"{stack.Value}: Checking for updates", StringComparison.Ordinal)));

    private static async Task<Dictionary<string, string>> IdsAsync(Dictionary<string, string> stacks)
    {
        var ids = new Dictionary<string, string>();
        foreach (var (folder, stack) in stacks)
        {
            ids[folder] = (await DockerCli.ContainersAsync(stack)).Single().Id;
        }

        return ids;
    }
}
