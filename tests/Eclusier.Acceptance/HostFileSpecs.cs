using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Files of the host that are in no repository count by their content where a container reads them.</summary>
public sealed class HostFileSpecs
{
    [Fact]
    public async Task A_changed_file_of_the_host_recreates_the_services_that_read_it()
    {
        await using var shop = await Shop.CreateAsync();
        var (certificate, token) = (Path.Combine(shop.Host.Folder, "shop.pem"), Path.Combine(shop.Host.Folder, "token"));
        Write("one");
        shop.WebKeys = $"volumes: ['{certificate}:/config:ro', './state:/state']";
        shop.MoreServices = $$"""
            job: { image: '{{shop.Image("web", "v1")}}', stop_grace_period: 1s, secrets: [token] }
            plain: { image: '{{shop.Image("web", "v1")}}', stop_grace_period: 1s, volumes: ['{{token}}:/token'] }
            """;
        shop.MoreSections = $"secrets: {{ token: {{ file: '{token}' }} }}";
        var first = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        var before = await DockerCli.RunningIdsAsync(shop.Stack);
        await shop.PollsAsync(2);
        Assert.Single((await shop.HistoryAsync()).Deployments);

        Write("two");
        await shop.AwaitStatusAsync("it is deployed", status => status.LastKnownGood?.Number == 2 && status.State == "healthy");

        var after = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(["job", "web"], before.Keys.Where(name => before[name] != after[name]).Order());
        Assert.Equal("two", await shop.AnswerAsync("/config"));
        Assert.Contains(shop.Host.Journal, line => line.Contains($"recreate job (secret token changed); recreate web (mounted {certificate} changed)", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains("two", StringComparison.Ordinal));
        await shop.PollsAsync(2);
        Assert.Equal(2, (await shop.HistoryAsync()).Deployments.Count);

        void Write(string content)
        {
            File.WriteAllText(certificate, $"{content}\n");
            File.WriteAllText(token, $"{content}\n");
        }
    }
}
