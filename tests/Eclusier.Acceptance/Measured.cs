using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What a daemon's <c>/metrics</c> says.</summary>
internal sealed partial record Measured(string Text)
{
    /// <summary>In the order in which they are served.</summary>
    public IReadOnlyList<string> Names => [.. Text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    public static async Task<Measured> ReadAsync(EclusierHost host)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var answer = await client.GetAsync("http://eclusier/metrics", TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.EnsureSuccessStatusCode().Content.Headers.ContentType?.ToString());
        return new Measured(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <param name="series">A name with the labels that matter, in their order: <c>eclusier_stack_state{state="healthy"}</c>.</param>
    /// <returns><c>null</c>: there is none.</returns>
    public double? Find(string series)
    {
        var (name, labels) = (series.Split('{')[0], Label().Matches(series).Select(label => label.Value).ToList());
        var line = Text.Split('\n').SingleOrDefault(line => (line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal)) && labels.All(label => line.Contains(label, StringComparison.Ordinal)));
        return line is null ? null : double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("""[a-z_]+="[^"]*" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Label();
}
