using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A new configuration while the daemon works: by signal, and by command.</summary>
public sealed class ConfigurationReloadSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_configuration_with_mistakes_is_refused_with_all_of_them_and_the_one_before_stays()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        var container = await shop.BeginWithAsync("v1");
        var good = File.ReadAllText(shop.Host.ConfigFile);
        File.WriteAllText(shop.Host.ConfigFile, good.Replace("interval: 1h", "intervall: 1h\n    drift: maybe"));

        shop.Host.HangUp();
        await shop.Host.AwaitLineAsync("The new configuration is refused, the one before stays:", cancellationToken: Token);
        await shop.Host.AwaitLineAsync("eclusier.yaml:\\d+:\\d+: .*intervall", cancellationToken: Token);
        await shop.Host.AwaitLineAsync("eclusier.yaml:\\d+:\\d+: .*drift", cancellationToken: Token);

        var reload = await shop.Host.RunAsync("reload");
        Assert.Equal(1, reload.ExitCode);
        Assert.Contains("intervall", reload.Error);
        Assert.Contains("drift", reload.Error);
        Assert.Equal("healthy", (await shop.StatusAsync()).State);

        File.WriteAllText(shop.Host.ConfigFile, good);
        reload = await shop.Host.RunAsync("reload");
        Assert.True(reload.ExitCode == 0, reload.ToString());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task New_settings_of_a_stack_count_from_its_next_pass_which_comes_at_once()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        shop.WebKeys = "labels: { colour: \"${COLOUR:-grey}\" }";
        await shop.BeginWithAsync("v1");
        var first = (await shop.HistoryAsync()).Deployments[0];

        shop.Configure("interval: 1h\nenvironment: { COLOUR: red }");
        shop.Host.HangUp();

        var second = await shop.ExpectAsync("committed", first.Commit, after: first.Id);
        Assert.Equal("configuration-changed", second.Cause);
    }

    [Fact]
    public async Task A_stack_that_is_new_is_deployed_and_one_that_is_gone_is_left_as_it_runs()
    {
        await using var shop = await Shop.CreateAsync();
        var (blog, repository) = Neighbour.Create(shop);
        var commit = repository.Commit("Blog v1", ("compose.yaml", Neighbour.ComposeOf(shop)));
        var container = await shop.BeginWithAsync("v1");
        var pid = shop.Host.DaemonId;

        Neighbour.Configure(shop, parallel: 2, (shop.Stack, shop.Repository.Bare), (blog, repository.Bare));
        shop.Host.HangUp();
        await shop.Host.AwaitLineAsync($"The configuration was read again: 2 stacks; new: {blog}", cancellationToken: Token);
        Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(blog, commit, cancellationToken: Token)).Result);

        Neighbour.Configure(shop, parallel: 1, (blog, repository.Bare));
        var reload = await shop.Host.RunAsync("reload", "--output", "json");
        Assert.Equal($$"""{"stacks":["{{blog}}"],"added":[],"removed":["{{shop.Stack}}"],"needsRestart":[]}""", reload.Succeeded().Trim());
        await shop.Host.AwaitLineAsync($"no longer kept, their containers stay as they are: {shop.Stack}", cancellationToken: Token);
        await shop.PushAsync("v2");
        Assert.Contains($"there is no stack '{shop.Stack}'", (await shop.RunAsync("status")).Error);

        await shop.Host.AwaitLineAsync($"{blog}: Checking for updates", from: shop.Host.Journal.Count, cancellationToken: Token);
        Assert.Equal((pid, "web v1", container), (shop.Host.DaemonId, await shop.AnswerAsync(), (await shop.ContainerAsync("web")).Id));

        Neighbour.Configure(shop, parallel: 1, (blog, repository.Bare), (shop.Stack, shop.Repository.Bare)); // and back again
        shop.Host.HangUp();
        await Wait.ForAsync("v2 is deployed", TimeSpan.FromMinutes(1), () => shop.AnswerAsync(), answer => answer == "web v2", Token);
    }

    [Fact]
    public async Task A_deployment_under_way_is_finished_with_the_settings_it_began_with()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "labels: { colour: \"${COLOUR:-grey}\" }";
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", "3"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        var container = (await shop.ContainerAsync("web")).Id;

        shop.Configure("environment: { COLOUR: red }");
        shop.Host.HangUp();
        await shop.Host.AwaitLineAsync("The configuration was read again", from, cancellationToken: Token);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);

        var first = await shop.ExpectAsync("committed", commit);
        Assert.Equal("commit", first.Cause);
        Assert.Equal("configuration-changed", (await shop.ExpectAsync("committed", commit, after: first.Id)).Cause);
        Assert.NotEqual(container, (await shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task A_stack_that_gets_another_project_or_is_taken_away_finishes_what_is_under_way_first()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        await shop.PushAsync("v2", version => version.With("health", "500").With("start_delay", "2"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);

        var (blog, repository) = Neighbour.Create(shop);
        Neighbour.Configure(shop, parallel: 2, $"project: {shop.Stack}, ", (blog, repository.Bare)); // it will have the shop's project
        shop.Host.HangUp();
        await shop.Host.AwaitLineAsync($"The configuration was read again: 1 stacks; new: {blog}", from, cancellationToken: Token);

        await shop.Host.AwaitLineAsync($"{shop.Stack}: .*[Rr]olled back", from, cancellationToken: Token);
        await shop.Host.AwaitLineAsync($"{blog}: Checking for updates", from, cancellationToken: Token);
        var lines = shop.Host.Journal.Skip(from).ToList();
        Assert.True(
            lines.FindLastIndex(line => line.Contains($"{shop.Stack}: ", StringComparison.Ordinal)) < lines.FindIndex(line => line.Contains($"{blog}: ", StringComparison.Ordinal)),
            string.Join('\n', lines));
        Assert.Equal("web v1", await shop.AnswerAsync());
    }

    [Fact]
    public async Task What_only_a_restart_changes_is_said()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        await shop.BeginWithAsync("v1");
        File.WriteAllText(shop.Host.ConfigFile, File.ReadAllText(shop.Host.ConfigFile).Replace($"state_dir: {shop.Host.StateDirectory}", $"state_dir: {shop.Host.Folder}/elsewhere"));

        shop.Host.HangUp();

        await shop.Host.AwaitLineAsync($"Only a restart changes state_dir: until then it is {shop.Host.StateDirectory}", cancellationToken: Token);
        Assert.False(Directory.Exists(Path.Combine(shop.Host.Folder, "elsewhere")));
    }
}
