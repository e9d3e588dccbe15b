using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What is wrong in the repository or in the configuration is said once, in words that help, and costs the running application nothing.</summary>
public sealed class RejectedInputSpecs(SharedShop shared) : IClassFixture<SharedShop>, IAsyncLifetime
{
    private readonly Shop shop = shared.Shop;

    public async ValueTask InitializeAsync() => await shop.BeginAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Invalid_YAML()
    {
        await shop.ExpectRejectedAsync(() => Push(shop.GoodCompose() + "  broken: [\n"), "not valid", "compose.yaml");
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task A_variable_without_value_and_default_unless_blanks_are_allowed()
    {
        var commit = await shop.ExpectRejectedAsync(
            () => Push(shop.ComposeWith("environment:\n  COLOUR: ${SHOP_COLOUR}")), "SHOP_COLOUR", "compose.yaml:7", "unset_variables: warn");

        var rejected = (await shop.HistoryAsync()).Deployments[0].Id;
        await shop.StartAsync("unset_variables: warn");
        var deployment = await shop.ExpectAsync("committed", commit, after: rejected);
        Assert.Equal("", await shop.AnswerAsync("/env?COLOUR"));
        Assert.Contains("SHOP_COLOUR", deployment.Steps.Single(step => step.Step == "render").Detail);
    }

    [Fact]
    public async Task A_service_whose_env_file_is_missing()
    {
        var commit = await shop.ExpectRejectedAsync(() => Push(shop.ComposeWith("env_file: [web.env]")), "web.env", "not found");
        var rejected = (await shop.HistoryAsync()).Deployments[0].Id;

        File.WriteAllText(Path.Combine(shop.WorkTree, "web.env"), "COLOUR=green\n"); // on the host only: nobody has to say anything more

        await shop.ExpectAsync("committed", commit, after: rejected);
        Assert.Equal("green", await shop.AnswerAsync("/env?COLOUR"));
        File.Delete(Path.Combine(shop.WorkTree, "web.env"));
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task A_missing_file_of_env_files()
    {
        await shop.ExpectRejectedWithAsync("env_files: [missing.env]", "missing.env", "env_files");

        File.WriteAllText(Path.Combine(shop.WorkTree, "missing.env"), "A=1\n"); // on the host only
        await shop.DeployGoodAsync();
        File.Delete(Path.Combine(shop.WorkTree, "missing.env"));
    }

    [Fact]
    public async Task No_Compose_file()
    {
        await shop.ExpectRejectedAsync(() => shop.Repository.Delete("Without a Compose file", "compose.yaml"), "no Compose file", "compose.yaml", "docker-compose.yml");
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task A_Compose_file_that_the_configuration_names_and_the_commit_lacks()
    {
        await shop.ExpectRejectedWithAsync("compose_files: [compose.yaml, production.yaml]", "production.yaml' does not exist");
    }

    [Fact]
    public async Task A_directory_that_does_not_exist()
    {
        await shop.ExpectRejectedWithAsync("directory: deploy/production", "'deploy/production' does not exist", "`directory`");
    }

    [Fact]
    public async Task A_project_without_services()
    {
        await shop.ExpectRejectedAsync(() => Push("services: {}\n"), "no service");
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task A_name_that_is_no_image()
    {
        await shop.ExpectRejectedAsync(() => Push("services: { web: { image: 'Shop/Web:v1:v2' } }\n"), "Shop/Web:v1:v2", "service web");
        await shop.DeployGoodAsync();
    }

    [Theory]
    [InlineData("configs", "config")]
    [InlineData("secrets", "secret")]
    public async Task A_config_or_secret_without_its_file(string section, string word)
    {
        await shop.ExpectRejectedAsync(
            () => Push(shop.ComposeWith($"{section}: [settings]", $"{section}: {{ settings: {{ file: ./settings.conf }} }}")), $"{word} 'settings'", "missing", "settings.conf");
        await shop.DeployGoodAsync();
    }

    [Theory]
    [InlineData("customers.db")]
    [InlineData("data/customers.db")]
    public async Task Untracked_data_of_the_host_that_is_in_the_way(string data)
    {
        var file = Path.Combine(shop.WorkTree, data);
        var tracked = data.Split('/')[0];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "precious");

        await shop.ExpectRejectedAsync(
            () => shop.Repository.Commit("A file where the host has data", ("compose.yaml", shop.GoodCompose()), (tracked, "a file")), shop.WorkTree, tracked, "not in git", "in the way", "move them away");
        Assert.Equal("precious", File.ReadAllText(file));

        shop.Repository.Delete("Away again", tracked);
        await shop.DeployGoodAsync();
        Assert.Equal("precious", File.ReadAllText(file));
    }

    private string Push(string compose) => shop.Repository.Commit("A bad version", ("compose.yaml", compose));
}
