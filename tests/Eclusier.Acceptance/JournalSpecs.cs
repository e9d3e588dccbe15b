using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What the daemon prints, as an operator reads it with <c>journalctl</c>.</summary>
public sealed class JournalSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_journal_tells_a_deployment_from_the_first_look_to_the_last()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 15s\ninterval: 500ms\nsoak: 1s");
        var commit = await shop.PushAsync("v1", version => version.With("start_delay", "1"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);
        await shop.PollsAsync(1);
        Assert.Equal(0, await shop.Host.StopAsync());

        AssertInOrder(
            shop,
            "Checking for updates",
            $"New commit detected: main@{commit[..7]} \"Web v1\" by Ada Lovelace",
            "Step fetch done in ", "Step render done in ", "Step lock done in ", "Plan: create web", "Step stage done in ", "Step apply done in ",
            "Health check 1: http ", "Health check 2: ", "Step health-gate done in ", "Soaking: passing", "Step soak done in ",
            "Release #1 ", "Checking for updates");
        Assert.All(shop.Host.Journal, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \S", line));
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains("Exception", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("JOURNAL_STREAM", "8:12345")]
    [InlineData("ECLUSIER_JOURNAL", "1")]
    public async Task Under_systemd_each_line_has_its_priority_and_the_journal_s_own_time(string variable, string value)
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 6s\ninterval: 500ms\nsoak: 500ms");
        shop.Host.Environment[variable] = value;
        await shop.BeginWithAsync("v1");
        await shop.ExpectAsync("rolled-back", await shop.PushAsync("v2", version => version.Crashing()));
        Assert.Equal(0, await shop.Host.StopAsync());

        var lines = shop.Host.Journal;
        Assert.All(lines, line => Assert.Matches("^<[2-7]>[^ \\d]", line));
        Assert.Contains(lines, line => line == $"<6>{shop.Stack}: Checking for updates");
        Assert.Contains(lines, line => Regex.IsMatch(line, $"^<4>{shop.Stack}: Step health-gate failed after .*release #2"));
        Assert.Contains(lines, line => Regex.IsMatch(line, $"^<[34]>{shop.Stack}: Rolling back"));
        Assert.All(lines.Where(line => !line.Contains("Eclusier ", StringComparison.Ordinal) && !line.Contains("Application", StringComparison.Ordinal)), line => Assert.Contains($">{shop.Stack}: ", line));
    }

    /// <summary>Each of the texts begins a line of the stack, one after the other.</summary>
    private static void AssertInOrder(Shop shop, params string[] texts)
    {
        var lines = shop.Host.Journal.Select(line => line[(line.IndexOf(' ') + 1)..]).ToList();
        var at = -1;
        foreach (var text in texts)
        {
            var next = lines.FindIndex(at + 1, line => line.StartsWith($"{shop.Stack}: {text}", StringComparison.Ordinal));
            Assert.True(next >= 0, $"no line '{shop.Stack}: {text}' after line {at} of:\n{string.Join('\n', lines)}");
            at = next;
        }
    }
}
