using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What the daemon needs does not grow with what it has done.</summary>
public sealed class MemorySpecs
{
    private static readonly TimeSpan UntilGivenBack = TimeSpan.FromSeconds(55); // it waits until all has been quiet for 45 s

    [Fact, Trait("Length", "Long")]
    public async Task After_many_deployments_the_idle_daemon_holds_no_more_than_after_the_first()
    {
        const int Deployments = 25;
        await using var shop = await Shop.CreateAsync(health: "timeout: 15s\ninterval: 200ms\nsoak: 0s");
        await shop.BeginWithAsync("v1");
        var first = await ReadAsync(shop);
        for (var version = 2; version <= Deployments; version++)
        {
            await shop.ExpectAsync("committed", await shop.PushAsync($"v{version}"));
        }

        var last = await ReadAsync(shop);
        const int Leeway = 3 * 1024; // what lies about at the moment: garbage up to the first generation's budget, and pieces of the heap between others
        Assert.True(last.Private < first.Private + Leeway, $"private: {first.Private} KiB after the first deployment, {last.Private} KiB after {Deployments}");
        Assert.True(last.Resident < 50 * 1024, $"resident: {last.Resident} KiB after {Deployments} deployments");
        Assert.True(last.Threads <= first.Threads + 4, $"{first.Threads} threads after the first deployment, {last.Threads} after {Deployments}");
    }

    private static async Task<(int Resident, int Private, int Threads)> ReadAsync(Shop shop)
    {
        await Task.Delay(UntilGivenBack, TestContext.Current.CancellationToken);
        var process = $"/proc/{shop.Host.DaemonId}";
        var fields = File.ReadLines($"{process}/smaps_rollup").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(field => field[0].TrimEnd(':'), field => int.Parse(field[1]));
        return (fields["Rss"], fields["Private_Dirty"], Directory.EnumerateDirectories($"{process}/task").Count());
    }
}
