using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>`eclusier config check`: every mistake with file, line and column, and what was expected.</summary>
public sealed class ConfigurationCheckSpecs : IAsyncLifetime
{
    private readonly EclusierHost host = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("stacks:\n  shop:\n    repository: /srv/shop.git\n    brunch: main", 5, 5, "stacks.shop.brunch", "branch")]
    [InlineData("intervall: 3m\nstacks: {}", 2, 1, "intervall", "interval")]
    [InlineData("interval: soon\nstacks: {}", 2, 11, "interval", "3m")]
    [InlineData("stacks:\n  shop:\n    repository: /srv/shop.git\n    branch: main\n    tag: v*", 6, 5, "stacks.shop.tag", "branch")]
    [InlineData("stacks:\n  shop:\n    branch: main", 3, 3, "stacks.shop", "repository")]
    [InlineData("stacks:\n  shop:\n    repository: https://ada:secret@example.org/shop.git", 4, 17, "stacks.shop.repository", "auth")]
    [InlineData("stacks:\n  shop:\n    repository: /srv/shop.git\n    environment: { A: '${NOT_SET_ANYWHERE}' }", 5, 23, "stacks.shop.environment.A", "NOT_SET_ANYWHERE")]
    [InlineData("stacks:\n  shop:\n    repository: [", 5, 1, "", "not valid")]
    public async Task A_mistake(string yaml, int line, int column, string path, string words)
    {
        host.Configure(yaml);

        var outcome = await host.RunAsync("config", "check");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.StartsWith($"{host.ConfigFile}:{line}:{column}: {path}", outcome.Error);
        Assert.Contains(words, outcome.Error);
        Assert.DoesNotContain("secret", outcome.Error);

        // the daemon does not start with it either, and says the same
        var daemon = await host.RunAsync("monitor");
        Assert.Equal(1, daemon.ExitCode);
        Assert.Contains(outcome.Error.Split('\n')[0], daemon.Error);
        Assert.False(Directory.Exists(host.StateDirectory));
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        host.Configure("interval: soon\nstacks:\n  shop:\n    repository: /srv/shop.git\n    profiles: 3\n    drift: mend");

        var outcome = await host.RunAsync("config", "check");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(["2:11", "6:15", "7:12"], outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => string.Join(':', text[host.ConfigFile.Length..].Split(':')[1..3])));
    }

    [Fact]
    public async Task A_configuration_without_mistakes()
    {
        host.Configure("stacks:\n  shop:\n    repository: /srv/shop.git");

        var outcome = await host.RunAsync("config", "check");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("shop", outcome.Output);

        File.Delete(host.ConfigFile);
        var missing = await host.RunAsync("config", "check");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains(host.ConfigFile, missing.Error);
    }
}
