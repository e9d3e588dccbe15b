using System.Net;
using System.Net.Sockets;
using System.Text;
using Eclusier.Core.Access;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests.Api;

/// <summary>What happens is seen as it happens.</summary>
public sealed class LiveEventsSpecs : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private Daemon _daemon = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Address => _daemon.Addresses.Single(address => address.Contains("127.0.0.1"));

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0");
        _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {_daemon.Tokens.Create(Role.Read)}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_comes_sees_how_it_stands_and_then_what_happens()
    {
        using var events = await OpenAsync("/api/v1/events");
        Assert.Equal(["status blog", "status shop"], (await NextAsync(events, 2)).Order());

        _daemon.Logger.LogInformation("{Stack}: Checking for updates", "shop");
        Assert.Equal(["progress shop"], await NextAsync(events, 1));

        _daemon.Agent.Statuses["shop"] = Some.Status with { State = "deploying" };
        _daemon.Logger.LogInformation("{Stack}: Applying #42", "shop");
        Assert.Equal(["progress shop", "status shop"], await NextAsync(events, 2));
    }

    [Fact]
    public async Task Of_one_stack_only_what_concerns_it_is_told()
    {
        using var events = await OpenAsync("/api/v1/stacks/blog/events");
        Assert.Equal(["status blog"], await NextAsync(events, 1));

        _daemon.Logger.LogInformation("{Stack}: Checking for updates", "shop");
        _daemon.Logger.LogInformation("{Stack}: Checking for updates", "blog");
        Assert.Equal(["progress blog"], await NextAsync(events, 1));
    }

    [Fact]
    public async Task A_status_that_changes_without_a_line_is_told_too()
    {
        using var events = await OpenAsync("/api/v1/stacks/blog/events");
        await NextAsync(events, 1);

        _daemon.Agent.Statuses["blog"] = Some.EmptyStatus with { LastCheckAt = Some.Now }; // that is no change
        _daemon.Agent.Statuses["shop"] = Some.Status with { State = "healthy" };
        using var all = await OpenAsync("/api/v1/events");
        await NextAsync(all, 2);
        _daemon.Agent.Statuses["blog"] = Some.EmptyStatus with { State = "unhealthy" };

        Assert.Equal(["status blog"], await NextAsync(events, 1));
    }

    [Fact]
    public async Task A_later_one_sees_how_it_stands_at_once()
    {
        using var first = await OpenAsync("/api/v1/events");
        await NextAsync(first, 2);
        using var second = await OpenAsync("/api/v1/events");

        Assert.Equal(["status blog", "status shop"], (await NextAsync(second, 2)).Order());
    }

    [Fact]
    public async Task No_more_than_64_watch()
    {
        var watching = new List<HttpResponseMessage>();
        for (var count = 0; count < 64; count++)
        {
            watching.Add(await StartAsync("/api/v1/events"));
        }

        using var refused = await StartAsync("/api/v1/events");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("64 watch already: try again later, or close a page", System.Text.Json.JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("error").GetProperty("message").GetString());

        watching[0].Dispose(); // and one may come for each that leaves
        await Eclusier.Lab.Wait.ForAsync("there is room again", TimeSpan.FromSeconds(10), async () =>
        {
            var answer = await StartAsync("/api/v1/events");
            watching.Add(answer);
            return answer.StatusCode;
        }, status => status == HttpStatusCode.OK, Cancellation);
        watching.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task One_that_does_not_read_is_dropped_and_nobody_waits_for_it()
    {
        var address = new Uri(Address);
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await lazy.ConnectAsync(address.Host, address.Port, Cancellation);
        await lazy.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {_http.DefaultRequestHeaders.Authorization}\r\n\r\n"), Cancellation);
        using var events = await OpenAsync("/api/v1/events");
        await NextAsync(events, 2);

        var text = new string('x', 4000);
        var reading = Task.Run(() => NextAsync(events, 3000), Cancellation);
        for (var line = 0; line < 3000; line++)
        {
            _daemon.Logger.LogInformation("{Stack}: {Text}", "shop", text);
            if (line % 100 == 0)
            {
                await Task.Delay(20, Cancellation); // for the one that does read
            }
        }

        Assert.Equal(3000, (await reading).Count);
        await Eclusier.Lab.Wait.ForAsync("the connection is cut", TimeSpan.FromSeconds(15), () => Task.FromResult(IsCut(lazy)), isCut => isCut, Cancellation);
    }

    [Fact]
    public async Task Who_has_lost_the_token_sees_no_more()
    {
        var time = new FakeTimeProvider();
        await _daemon.DisposeAsync();
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0", timeProvider: time);
        _http.DefaultRequestHeaders.Remove("Authorization");
        _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {_daemon.Tokens.Create(Role.Read)}");
        using var events = await OpenAsync("/api/v1/events");
        await NextAsync(events, 2);

        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((": still here", ""), (await events.ReadLineAsync(Cancellation), await events.ReadLineAsync(Cancellation)));
        await Task.Delay(100, Cancellation); // the next period has begun
        _daemon.Tokens.Remove("read-0");
        time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(": still here", await events.ReadLineAsync(Cancellation));
        Assert.Equal("", (await events.ReadToEndAsync(Cancellation)).Trim());
    }

    [Fact]
    public async Task They_do_not_hold_up_the_daemon_s_end()
    {
        using var events = await OpenAsync("/api/v1/events");
        await NextAsync(events, 2);

        await _daemon.StopAsync().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        while (await events.ReadLineAsync(Cancellation) is not null) { }
    }

    private static bool IsCut(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        socket.Blocking = false;
        try
        {
            while (socket.Receive(buffer) > 0) { }

            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.WouldBlock;
        }
    }

    private Task<HttpResponseMessage> StartAsync(string path) => _http.GetAsync(Address + path, HttpCompletionOption.ResponseHeadersRead, Cancellation);

    private async Task<StreamReader> OpenAsync(string path)
    {
        var answer = await StartAsync(path);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(("retry: 3000", ""), (await reader.ReadLineAsync(Cancellation), await reader.ReadLineAsync(Cancellation)));
        return reader;
    }

    /// <returns>Type and stack of each.</returns>
    private static async Task<List<string>> NextAsync(StreamReader events, int count)
    {
        var found = new List<string>();
        while (found.Count < count)
        {
            var type = await events.ReadLineAsync(Cancellation);
            Assert.StartsWith("event: ", type);
            var data = await events.ReadLineAsync(Cancellation);
            Assert.StartsWith("data: ", data);
            Assert.Equal("", await events.ReadLineAsync(Cancellation));
            found.Add($"{type!["event: ".Length..]} {System.Text.Json.JsonDocument.Parse(data!["data: ".Length..]).RootElement.GetProperty("stack").GetString()}");
        }

        return found;
    }
}
