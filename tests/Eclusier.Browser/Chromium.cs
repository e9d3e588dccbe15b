using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Eclusier.Browser;

/// <summary>The browser of all tests, started once: Debian's own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Program), $"there is no {Program}: eng/ensure-tools test installs it");
        browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--font-render-hinting=none"],
        });
    }

    /// <summary>A window of its own: no cookie of another one's.</summary>
    internal async Task<Tab> OpenAsync(Uri site, Screen screen, bool withScript = true)
    {
        var context = await browser!.CreateBrowserContextAsync();
        var page = await context.NewPageAsync();
        await page.SetJavaScriptEnabledAsync(withScript);
        await page.SetViewportAsync(new ViewPortOptions { Width = screen.Width, Height = screen.Height, IsMobile = screen.IsPhone, HasTouch = screen.IsPhone, DeviceScaleFactor = 1 });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = screen.IsDark ? "dark" : "light" }, new MediaFeatureValue { MediaFeature = MediaFeature.PrefersReducedMotion, Value = "reduce" }]);
        return new Tab(context, page, site, screen);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
            await browser.DisposeAsync();
        }
    }
}

/// <summary>What somebody looks at.</summary>
public sealed record Screen(string Name, int Width, int Height, bool IsDark)
{
    public bool IsPhone => Width < 600;

    public static Screen Desktop { get; } = new("desktop", 1440, 900, IsDark: false);

    public static Screen DarkDesktop { get; } = new("desktop-dark", 1440, 900, IsDark: true);

    public static Screen Phone { get; } = new("phone", 360, 740, IsDark: false);

    public static Screen DarkPhone { get; } = new("phone-dark", 360, 740, IsDark: true);

    public override string ToString() => Name;
}
