using System.Net;
using System.Text.RegularExpressions;
using Eclusier.Core.Access;
using Eclusier.Tests.Api;

namespace Eclusier.Tests.Dashboard;

/// <summary>A browser as far as the dashboard cares: it keeps cookies, says where a form comes from, and follows nothing by itself.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient http;
    private readonly string origin;

    private Browser(Daemon daemon)
    {
        Daemon = daemon;
        origin = daemon.Addresses.Single(address => address.StartsWith("http://127.", StringComparison.Ordinal));
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = new Uri(origin) };
    }

    public Daemon Daemon { get; }

    public CookieContainer Cookies { get; } = new();

    public FakeAgent Agent => Daemon.Agent;

    public static async Task<Browser> OpenAsync(FakeAgent? agent = null, ApiSettings? settings = null)
    {
        var folder = Directory.CreateTempSubdirectory("ecl-");
        var browser = new Browser(await Daemon.StartAsync(Path.Combine(folder.FullName, "e.sock"), agent, alsoAt: "127.0.0.1:0", settings: settings));
        folder.MoveTo(Path.Combine(browser.folder.FullName, "daemon"));
        return browser;
    }

    public async Task<Page> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, headers);
    }

    /// <summary>Sends a form as the page that it is on would.</summary>
    public Task<Page> SendFormAsync(string path, params (string Name, string Value)[] fields) => SendFormAsync(path, [("Origin", origin), ("Sec-Fetch-Site", "same-origin")], fields);

    public async Task<Page> SendFormAsync(string path, (string Name, string Value)[] headers, (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        return await SendAsync(request, headers);
    }

    public async Task<Page> SignInAsync(Role role, string back = "/") => await SendFormAsync("/sign-in", ("token", Daemon.Tokens.Create(role)), ("return", back));

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Daemon.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task<Page> SendAsync(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var all = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join("\n", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Page(answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), all);
    }
}

/// <summary>What a browser was sent.</summary>
internal sealed partial record Page(HttpStatusCode Status, string Html, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Where it sends the browser to; empty: nowhere.</summary>
    public string Location => Headers.GetValueOrDefault("Location", "");

    /// <summary>What its forms send along.</summary>
    public string FormToken => FormField().Match(Html).Groups[1].Value;

    /// <summary>What a person reads: without tags, and with single spaces.</summary>
    public string Text => WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(Html[Html.IndexOf("<body", StringComparison.Ordinal)..], " "), " "));

    [GeneratedRegex("name=\"form\" value=\"([^\"]*)\"")]
    private static partial Regex FormField();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
