using System.Text.Json;
using Deque.AxeCore.Commons;
using PuppeteerSharp;

namespace Eclusier.Browser;

/// <summary>One page in the browser, and all that it complained about.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private const int Deadline = 60_000; // a deployment on a busy machine

    private static readonly Lazy<string> Axe = new(() => new BundledAxeScriptProvider().GetScript());

    private readonly IBrowserContext context;
    private readonly IPage page;
    private readonly Uri site;
    private readonly Screen screen;
    private readonly List<string> complaints = [];

    public Tab(IBrowserContext context, IPage page, Uri site, Screen screen)
    {
        (this.context, this.page, this.site, this.screen) = (context, page, site, screen);
        page.Console += (_, message) => Complain(message.Message.Type is ConsoleType.Error or ConsoleType.Warning, $"console: {message.Message.Text}");
        page.PageError += (_, error) => Complain(true, $"script: {error.Message}");
        page.Request += (_, request) => Complain(!request.Request.Url.StartsWith(site.AbsoluteUri, StringComparison.Ordinal), $"asks another host: {request.Request.Url}");
    }

    public string Path => new Uri(page.Url).PathAndQuery;

    public async Task GoAsync(string path) => await page.GoToAsync(new Uri(site, path).AbsoluteUri, Deadline, [WaitUntilNavigation.Load]);

    public Task<string> TextAsync() => page.EvaluateExpressionAsync<string>("document.body.innerText");

    /// <summary>Waits until a person can read it, without loading the page again.</summary>
    public async Task AwaitTextAsync(string text)
    {
        try
        {
            await page.WaitForFunctionAsync("text => document.body?.innerText.includes(text)", new WaitForFunctionOptions { Timeout = Deadline, PollingInterval = 100 }, text);
        }
        catch (WaitTaskTimeoutException exception)
        {
            throw new TimeoutException($"'{text}' did not come to {Path}; it says:\n{await TextAsync()}", exception);
        }
    }

    /// <summary>Presses what has this name, and waits for the page that comes.</summary>
    public async Task PressAsync(string name)
    {
        var next = page.WaitForNavigationAsync(new NavigationOptions { Timeout = Deadline });
        await PressInPlaceAsync(name);
        await next;
    }

    /// <summary>Presses what does not lead to another page.</summary>
    public async Task PressInPlaceAsync(string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await (await FindAsync(name)).ClickAsync();
                return;
            }
            catch (PuppeteerException) when (attempt < 5)
            {
                await Task.Delay(100); // a part of the page was just brought up to date, and the thing with it
            }
        }
    }

    public async Task TypeAsync(string id, string text) => await page.TypeAsync($"#{id}", text);

    public Task ChooseAsync(string id, string value) => page.SelectAsync($"#{id}", value);

    public Task KeyAsync(string key) => page.Keyboard.PressAsync(key);

    public Task<T> AskAsync<T>(string expression) => page.EvaluateExpressionAsync<T>(expression);

    /// <summary>Scrolls until a part of the page is on the screen.</summary>
    public Task ShowAsync(string selector) => page.EvaluateFunctionAsync("selector => document.querySelector(selector).scrollIntoView()", selector);

    /// <summary>The browser's own notice that a page's status was an error's, which is what the test is about.</summary>
    public void ExpectComplaint(string part)
    {
        lock (complaints)
        {
            Assert.Contains(complaints, complaint => complaint.Contains(part, StringComparison.Ordinal));
            complaints.Clear();
        }
    }

    /// <summary>No complaint of the browser, nothing wider than the screen, no finding of axe that matters.</summary>
    public async Task ExpectFlawlessAsync()
    {
        lock (complaints)
        {
            Assert.True(complaints.Count == 0, $"{Path}, {screen}: {string.Join('\n', complaints)}");
        }

        var widest = await AskAsync<int>("document.documentElement.scrollWidth");
        Assert.True(widest <= screen.Width, $"{Path} is {widest} wide on {screen}");
        await page.EvaluateExpressionAsync(Axe.Value);
        var findings = await page.EvaluateExpressionAsync<JsonElement>("axe.run().then(result => result.violations)");
        var serious = findings.EnumerateArray().Where(finding => finding.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(finding => $"{finding.GetProperty("id").GetString()}: {finding.GetProperty("help").GetString()}: {string.Join(", ", finding.GetProperty("nodes").EnumerateArray().Take(3).Select(node => $"{node.GetProperty("html").GetString()} ({node.GetProperty("failureSummary").GetString()})"))}").ToList();
        Assert.True(serious.Count == 0, $"{Path}, {screen}: {string.Join('\n', serious)}");
    }

    /// <summary>Keeps what is seen for the documentation, when that is being written.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("ECLUSIER_WRITE_REPORT") != "1")
        {
            return;
        }

        var file = System.IO.Path.Combine(Repository, "docs", "images", $"dashboard-{name}.png");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        await page.ScreenshotAsync(file);
    }

    public async ValueTask DisposeAsync()
    {
        await page.CloseAsync();
        await context.CloseAsync();
    }

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Eclusier.slnx")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("the pictures belong into the repository, which is not above this program");
            }

            return folder.FullName;
        }
    }

    private async Task<IElementHandle> FindAsync(string name)
    {
        var handle = await page.EvaluateFunctionHandleAsync(
            "name => [...document.querySelectorAll('main a, main button, header a, header button, summary')].find(one => one.innerText.trim().replace(/\\s+/g, ' ') === name)", name) as IElementHandle;
        return handle ?? throw new InvalidOperationException($"{Path} has nothing to press that is called '{name}'; it says:\n{await TextAsync()}");
    }

    private void Complain(bool matters, string complaint)
    {
        if (matters)
        {
            lock (complaints)
            {
                complaints.Add(complaint);
            }
        }
    }
}
