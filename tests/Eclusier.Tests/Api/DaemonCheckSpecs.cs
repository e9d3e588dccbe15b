using Eclusier.Core.Diagnosis;
using Eclusier.Operations;

namespace Eclusier.Tests.Api;

/// <summary>What <c>doctor</c> says of the daemon at the socket.</summary>
public sealed class DaemonCheckSpecs : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("1.2.3", "shop", CheckLevel.Ok, "version 1.2.3 answers at", null)]
    [InlineData("1.1.0", "shop", CheckLevel.Warning, "the daemon is version 1.1.0, this program 1.2.3", "restart it")]
    [InlineData("1.2.3", "blog", CheckLevel.Warning, "the daemon keeps other stacks (blog)", "have it read the configuration anew")]
    public async Task A_daemon_of_this_state_folder(string version, string stack, CheckLevel level, string message, string? remedy)
    {
        await using var daemon = await Daemon.StartAsync(bench.RunSocket, stateDirectory: bench.State, stacks: [stack], version: version);

        var found = (await LookAsync())[^1];

        Assert.Equal(level, found.Level);
        Assert.StartsWith(message, found.Message);
        Assert.Equal(remedy is null, found.Remedy is null);
        Assert.StartsWith(remedy ?? "", found.Remedy ?? "");
    }

    [Fact]
    public async Task Another_agents_daemon_is_none_of_ours()
    {
        await using var daemon = await Daemon.StartAsync(bench.RunSocket, stateDirectory: "/srv/other");

        var found = Assert.Single(await LookAsync());

        Assert.Equal((CheckLevel.Warning, "no daemon is running: nothing is deployed by itself"), (found.Level, found.Message));
    }

    private Task<IReadOnlyList<CheckResult>> LookAsync() =>
        new DaemonCheck(bench.Settings, "1.2.3", bench.RunSocket, TimeProvider.System).LookAsync(TestContext.Current.CancellationToken);
}
