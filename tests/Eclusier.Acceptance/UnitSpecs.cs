using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The unit as systemd's own tools judge it; systemd need not run for that.</summary>
public sealed class UnitSpecs : IAsyncDisposable
{
    private readonly EclusierHost host = new();

    public UnitSpecs() => host.Configure("stacks: { shop: { repository: https://git.test/shop.git } }");

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("--as-root")]
    [InlineData("--run-as daemon")]
    [InlineData("--user")]
    public async Task It_is_sound(string options)
    {
        var unit = await WriteAsync(options);

        var verified = await LabProcess.RunAsync("systemd-analyze", [.. options == "--user" ? ["--user"] : Array.Empty<string>(), "verify", "--man=no", unit], new Dictionary<string, string>(host.Environment) { ["XDG_RUNTIME_DIR"] = host.Folder }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, "", ""), (verified.ExitCode, verified.Output, verified.Error)); // an unknown key is only said
    }

    [Fact]
    public async Task The_one_of_packages_is_sound()
    {
        var unit = Path.Combine(host.Folder, "eclusier.service");
        await File.WriteAllTextAsync(unit, (await host.RunAsync("service", "unit")).Succeeded(), TestContext.Current.CancellationToken);

        var verified = await LabProcess.RunAsync("systemd-analyze", ["verify", "--man=no", unit], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, "", ""), (verified.ExitCode, verified.Output, verified.Error));
    }

    [Theory]
    [InlineData("", 2.0)] // what docs/operations.md says
    [InlineData("--as-root", 3.0)]
    public async Task Its_exposure_is_small(string options, double most)
    {
        var analysed = await LabProcess.RunAsync("systemd-analyze", ["security", "--offline=true", "--no-pager", await WriteAsync(options)], cancellationToken: TestContext.Current.CancellationToken);

        var exposure = double.Parse(Regex.Match(analysed.Output, @"Overall exposure level for \S+: ([0-9.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(exposure <= most, analysed.Output);
    }

    [Fact]
    public async Task A_dry_run_shows_it_and_does_nothing()
    {
        var shown = await host.RunAsync("service", "install", "--dry-run", "--as-root");

        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Contains($"ExecStart={host.Program} monitor --config {host.ConfigFile}", shown.Output);
        Assert.Contains($"created {host.StateDirectory}", shown.Output);
        Assert.False(Directory.Exists(host.StateDirectory));
        Assert.False(File.Exists("/etc/systemd/system/eclusier.service"));
    }

    [Fact]
    public async Task Where_systemd_is_not_what_runs_the_host_it_says_what_to_do_instead()
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd runs this host");

        var refused = await host.RunAsync("service", "install", "--as-root");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("systemd does not run this host: have its init, or its container manager, run `eclusier monitor`", refused.Error);
    }

    private async Task<string> WriteAsync(string options)
    {
        var shown = await host.RunAsync(["service", "install", "--dry-run", "--output", "json", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var unit = Path.Combine(host.Folder, "eclusier.service");
        await File.WriteAllTextAsync(unit, JsonNode.Parse(shown.Succeeded())!["text"]!.ToString());
        return unit;
    }
}
