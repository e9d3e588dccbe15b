using Eclusier.Commands;

namespace Eclusier.Tests.Commands;

public sealed class InitSpecs
{
    private const string Text = "stacks:\n  shop:\n    repository: /srv/shop.git\n";

    [Fact]
    public async Task The_file_is_written_once_and_never_over_another()
    {
        using var bench = new Bench();
        var file = Path.Combine(bench.State, "etc", "eclusier.yaml");

        Assert.Equal(ExitCodes.Done, await bench.RunAsync("init", "/home/shop", "--output-file", file, "--set", "branch=main", "--set", "environment.A=b=c"));
        Assert.Equal(Text, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal("note: the repository asks for credentials\n", bench.Error);
        Assert.Contains($"eclusier config check --config {file}\n", bench.Output);
        var request = bench.Proposed.Single();
        Assert.Equal(("/home/shop", null, file), (request.Directory, request.Project, request.ConfigurationFile));
        Assert.Equal([KeyValuePair.Create("branch", "main"), KeyValuePair.Create("environment.A", "b=c")], request.Settings);

        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("init", "--output-file", file));
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.EndsWith("  shop:\n    repository: /srv/shop.git\n", bench.Output);
        Assert.EndsWith($"error: {file} exists and was left as it is: add what is printed above under its `stacks:`\n", bench.Error);
    }

    [Fact]
    public async Task A_setting_without_a_value_is_told()
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("init", "--set", "branch"));
        Assert.Contains("--set takes KEY=VALUE, not 'branch'", bench.Error);
        Assert.Empty(bench.Proposed);
    }
}
