using System.Diagnostics;
using System.Globalization;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What looking at the dashboard costs: how soon a page comes, how large it is, and what people who keep it open take of the daemon's memory.</summary>
internal sealed class DashboardCost : IDisposable
{
    private readonly HttpClient http;

    private DashboardCost(Uri address) => http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };

    /// <summary>Signs in as a browser does.</summary>
    public static async Task<DashboardCost> SignInAsync(Uri address, string token, CancellationToken cancellationToken)
    {
        var signedIn = new DashboardCost(address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]),
            Headers = { { "Sec-Fetch-Site", "same-origin" } },
        };
        using var answer = await signedIn.http.SendAsync(request, cancellationToken);
        return (int)answer.StatusCode == 303 ? signedIn : throw new InvalidOperationException($"signing in was answered with {(int)answer.StatusCode}");
    }

    /// <summary>Milliseconds to the first byte of a page, and all its bytes together with those of its style sheet, script and icon.</summary>
    public async Task<(Sample FirstByte, double Kibibytes)> MeasureAsync(string path, int times, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        for (var run = 0; run <= times; run++) // the first one does not count
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
            await body.ReadExactlyAsync(new byte[1], cancellationToken);
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await body.CopyToAsync(Stream.Null, cancellationToken);
        }

        double size = 0;
        foreach (var file in new[] { path, "/assets/dashboard.css", "/assets/dashboard.js", "/assets/icon.svg" })
        {
            size += (await http.GetByteArrayAsync(file, cancellationToken)).Length;
        }

        return (new Sample(milliseconds.Skip(1)), size / 1024);
    }

    /// <summary>The daemon's memory while so many people keep a stack's page open: each hears its events, and loads it again now and then as the page's script does.</summary>
    public async Task<Memory> MeasureOpenAsync(int people, string stack, EclusierHost host, TimeSpan during, CancellationToken cancellationToken)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var open = Enumerable.Range(0, people).Select(_ => KeepOpenAsync(stack, closing.Token)).ToArray();
        await Task.Delay(during, cancellationToken);
        var memory = ProcessCost.ReadMemory(host.DaemonId);
        await closing.CancelAsync();
        foreach (var page in open)
        {
            try
            {
                await page;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // closed, as it was told to
            }
        }

        return memory;
    }

    public void Dispose() => http.Dispose();

    private async Task KeepOpenAsync(string stack, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/stacks/{stack}");
        using var events = await http.GetAsync($"/api/v1{path}/events", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await events.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
        var hearing = stream.CopyToAsync(Stream.Null, cancellationToken);
        while (!hearing.IsCompleted)
        {
            await http.GetByteArrayAsync(path, cancellationToken);
            await Task.WhenAny(hearing, Task.Delay(TimeSpan.FromSeconds(10), cancellationToken));
        }

        await hearing;
        throw new InvalidOperationException("the daemon ended the events of an open page");
    }
}
