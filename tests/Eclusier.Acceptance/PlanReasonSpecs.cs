using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary><c>eclusier plan</c> says for each service why; only what changed is touched.</summary>
public sealed class PlanReasonSpecs
{
    [Fact]
    public async Task A_changed_file_recreates_the_services_that_mount_it_and_is_named()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "volumes: ['./conf/web.conf:/web.conf:ro']";
        shop.MoreServices = $$"""
            second: { image: {{shop.Image("web", "v1")}}, volumes: ['./conf/web.conf:/web.conf:ro'], stop_grace_period: 1s }
            third: { image: {{shop.Image("web", "v1")}}, configs: [other], stop_grace_period: 1s }
            """;
        shop.MoreSections = "configs: { other: { file: ./conf/other.conf } }";
        var first = await shop.PushAsync("v1", files: [("conf/web.conf", "one"), ("conf/other.conf", "one")]);
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        Assert.Equal(0, await shop.Host.StopAsync());
        var before = await IdsAsync(shop);

        var second = shop.Repository.Commit("Another file", ("conf/web.conf", "two"));
        var plan = await shop.RunAsync("plan");

        Assert.Equal(2, plan.ExitCode);
        var changes = plan.Output.Split('\n').Where(line => line.TrimStart().StartsWith('~')).ToList();
        Assert.Equal(2, changes.Count);
        Assert.All(changes, line => Assert.Contains("mounted conf/web.conf changed", line));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", second);
        var after = await IdsAsync(shop);
        Assert.Equal(["second", "web"], before.Keys.Where(service => before[service] != after[service]).Order());

        shop.Repository.Commit("Another config", ("conf/other.conf", "two"));
        Assert.Equal(0, await shop.Host.StopAsync());
        plan = await shop.RunAsync("plan");
        Assert.Contains("config other changed", plan.Output);
        Assert.DoesNotContain("web.conf", plan.Output);
    }

    private static async Task<Dictionary<string, string>> IdsAsync(Shop shop) =>
        (await shop.ContainersAsync()).ToDictionary(container => container.Service, container => container.Id);
}
