using System.Net;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Forges and registries say that something was pushed; strangers say so too.</summary>
public sealed class WebhookSpecs : IAsyncLifetime
{
    private const string Secret = "0123456789abcdef-not-told";

    private readonly int port = FreePort.Take();
    private readonly HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 50 }) { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_push_is_deployed_at_once_and_a_forged_word_of_it_has_nothing_looked_at()
    {
        await using var shop = await StartAsync();
        var commit = await shop.PushAsync("v2");
        var looks = Looks(shop);

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(shop.Stack, Push("main"), "another secret, a guessed one"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(shop.Stack, Push("main"), secret: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync("no-such-stack", Push("main"), Secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync($"{shop.Stack}?secret=a-guess", Push("main"), secret: null));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(shop.Stack, new string('x', (1024 * 1024) + 1), Secret));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(shop.Stack, Push("another-branch"), Secret));
        foreach (var address in new[] { $"/hooks/{shop.Stack}", "/hooks/no-such-stack", "/hooks" })
        {
            using var got = await client.GetAsync(new Uri(address, UriKind.Relative), Token);
            Assert.Equal((HttpStatusCode.MethodNotAllowed, ""), (got.StatusCode, await got.Content.ReadAsStringAsync(Token)));
        }

        Assert.Equal(looks, Looks(shop));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(shop.Stack, Push("main"), Secret));
        await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());

        looks = Looks(shop);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(shop.Stack, Push("main"), Secret)); // the same delivery again
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync($"{shop.Stack}?secret={Secret}", "{}", secret: null));
        await Wait.ForAsync("the last one is looked at", TimeSpan.FromSeconds(20), () => Looks(shop), count => count > looks, Token);
        Assert.Equal(looks + 1, Looks(shop));

        Assert.Single(shop.Host.Journal, line => line.Contains("was refused", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains("a-guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Five_hundred_in_a_second_are_two_looks_and_no_deployment()
    {
        await using var shop = await StartAsync();
        var looks = Looks(shop);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(shop.Stack, Push("main", 0), Secret));
        await Wait.ForAsync("the first look", TimeSpan.FromSeconds(20), () => Looks(shop), count => count > looks, Token);
        var answers = await Task.WhenAll(Enumerable.Range(1, 499).Select(number => PostAsync(shop.Stack, Push("main", number), Secret)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer));
        await Wait.ForAsync("the second look", TimeSpan.FromSeconds(20), () => Looks(shop), count => count >= looks + 2, Token);
        await Task.Delay(TimeSpan.FromSeconds(6), Token); // longer than a third would need

        Assert.Equal(looks + 2, Looks(shop));
        Assert.Single((await shop.HistoryAsync()).Deployments);
    }

    [Fact]
    public async Task A_registry_tells_of_a_tag_that_moved()
    {
        await using var shop = await StartAsync(await Registry.StartTellingAsync($"http://127.0.0.1:{port}/hooks/registry", $"Bearer {Secret}"), "latest");
        await shop.PushImageAsync("web", "latest", "v2");

        var commit = shop.Repository.Head;
        var second = await shop.ExpectAsync("committed", commit, after: 1);
        Assert.Equal("image-moved", second.Cause);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains("was refused", StringComparison.Ordinal));
    }

    /// <summary>A shop whose first version runs, and that would not look by itself for an hour.</summary>
    private async Task<Shop> StartAsync(Registry? registry = null, string tag = "v1")
    {
        var shop = await Shop.CreateAsync(registry: registry);
        shop.Host.Configure($$"""
            interval: 1h
            api: { listen: "127.0.0.1:{{port}}" }
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                images: { follow: all, interval: 1h }
                webhook: { secret: {{Secret}} }
                health: { timeout: 15s, interval: 500ms, soak: 1s }
            webhooks:
              registry: { secret: {{Secret}}, stacks: [{{shop.Stack}}] }
            """);
        await shop.PushImageAsync("web", tag, "v1");
        var commit = shop.Repository.Commit("The shop", ("compose.yaml", shop.Compose(tag)));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);
        return shop;
    }

    private async Task<HttpStatusCode> PostAsync(string name, string body, string? secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/hooks/{name}", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = body.Length > 1024 * 1024; // else the refusal meets the body on its way, and the connection breaks
        if (secret is not null)
        {
            request.Headers.Add("X-GitHub-Event", "push");
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)))}");
        }

        using var answer = await client.SendAsync(request, Token);
        return answer.StatusCode;
    }

    private static string Push(string branch, int number = 0) => $$"""{"ref":"refs/heads/{{branch}}","repository":{"full_name":"ada/shop"},"number":{{number}}}""";

    private static int Looks(Shop shop) => shop.Host.Journal.Count(line => line.Contains($"{shop.Stack}: Checking for updates", StringComparison.Ordinal));
}
