namespace Eclusier.Browser;

/// <summary>The dashboard as people meet it: in Chromium, on a phone and on a large screen, light and dark, against a daemon that deploys for real.</summary>
public sealed class DashboardSpecs(Chromium chromium, Site site) : IClassFixture<Chromium>, IClassFixture<Site>
{
    public static TheoryData<string> Screens => ["desktop", "phone-dark"];

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task A_failed_release_is_seen_live_gone_back_from_and_the_stack_suspended_and_resumed(string screenName)
    {
        var screen = screenName == "desktop" ? Screen.Desktop : Screen.DarkPhone;
        var stack = screen.IsPhone ? "boutique" : "webshop";
        var token = await site.CreateTokenAsync(screen.IsPhone ? "grace" : "ada", "operate");
        await using var tab = await chromium.OpenAsync(site.Address, screen);

        await SignInAsync(tab, token, stack, screen);
        await SeeItFailAsync(tab, stack, screen);
        await ReadTheEvidenceAsync(tab, stack, screen);
        await CompareAsync(tab, stack, screen);
        await DeployAGoodOneAndGoBackAsync(tab, stack, screen);
        await SuspendAndResumeAsync(tab, stack);
        await SignOutAsync(tab);
        await ReadTheAuditAsync(tab, screen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_page_is_flawless_for_those_who_may_only_look(bool isDark)
    {
        var screens = isDark ? new[] { Screen.DarkDesktop } : [Screen.Phone];
        var token = await site.CreateTokenAsync($"bob-{isDark}", "read");
        foreach (var screen in screens)
        {
            await using var tab = await chromium.OpenAsync(site.Address, screen);
            await tab.GoAsync("/sign-in?return=%2Fstacks%2Fblog");
            await tab.TypeAsync("token", token);
            await tab.PressAsync("Sign in");
            var deployment = (await site.Host.HistoryAsync("blog")).Deployments[0].Id;
            foreach (var path in new[] { "/", "/stacks/blog", $"/stacks/blog/deployments/{deployment}", "/stacks/blog/releases/1", "/stacks/blog/diff", "/stacks/blog/logs" })
            {
                await tab.GoAsync(path);
                await tab.ExpectFlawlessAsync();
                var text = await tab.TextAsync();
                Assert.DoesNotContain("hunter2", text);
                Assert.DoesNotContain("Check now", text);
            }
        }
    }

    [Fact]
    public async Task It_is_used_with_the_keyboard_alone()
    {
        var token = await site.CreateTokenAsync("eve", "operate");
        await using var tab = await chromium.OpenAsync(site.Address, Screen.Desktop);
        await tab.GoAsync("/sign-in");
        Assert.Equal("token", await tab.AskAsync<string>("document.activeElement.id")); // where one begins to type
        await tab.TypeAsync("token", token);
        await tab.KeyAsync("Enter");
        await tab.AwaitTextAsync("Stacks");
        await tab.GoAsync("/stacks/wiki");

        await tab.KeyAsync("Tab");
        Assert.Equal("Skip to content", await tab.AskAsync<string>("document.activeElement.innerText"));
        Assert.NotEqual("none", await tab.AskAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await tab.KeyAsync("Enter");
        for (var pressed = 0; pressed < 10 && await tab.AskAsync<string>("document.activeElement.innerText") != "Suspend"; pressed++)
        {
            await tab.KeyAsync("Tab");
        }

        await tab.KeyAsync("Enter");
        await tab.AwaitTextAsync("The containers keep running.");
        await tab.TypeAsync("reason", "The database is being moved");
        await tab.KeyAsync("Enter");
        await tab.AwaitTextAsync("Resume");
        await tab.ExpectFlawlessAsync();
    }

    [Fact]
    public async Task Without_script_it_works_by_loading_pages_again()
    {
        var token = await site.CreateTokenAsync("joe", "read");
        await using var tab = await chromium.OpenAsync(site.Address, Screen.Phone, withScript: false);
        await tab.GoAsync("/sign-in?return=%2Fstacks%2Fblog");
        await tab.TypeAsync("token", token);
        await tab.PressAsync("Sign in");

        await tab.AwaitTextAsync("What runs");
        Assert.Equal("/stacks/blog", tab.Path);
    }

    private static async Task SignInAsync(Tab tab, string token, string stack, Screen screen)
    {
        await tab.GoAsync($"/stacks/{stack}");
        await tab.AwaitTextAsync("Sign in");
        await tab.ExpectFlawlessAsync();
        await tab.TypeAsync("token", "ecl_guess");
        await tab.PressAsync("Sign in");
        await tab.AwaitTextAsync("This token is not valid");
        tab.ExpectComplaint("401");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"sign-in-{screen}");

        await tab.TypeAsync("token", token);
        await tab.PressAsync("Sign in");
        await tab.AwaitTextAsync("What runs");
        Assert.Equal($"/stacks/{stack}", tab.Path);
        await tab.ExpectFlawlessAsync();
    }

    private async Task SeeItFailAsync(Tab tab, string stack, Screen screen)
    {
        await tab.AwaitTextAsync("Live");
        await tab.AskAsync<bool>("window.isTheSamePage = true");
        await site.PushAsync(stack, "v2", "Ask the new payment service", version => version.Answering(500));

        await tab.AwaitTextAsync("Deploying");
        await tab.AwaitTextAsync("health-gate under way");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"deploying-{screen}");
        await tab.AwaitTextAsync("Rolled back");
        await tab.AwaitTextAsync("In quarantine: release #2");
        Assert.True(await tab.AskAsync<bool>("window.isTheSamePage === true"), "the page was loaded again");
        Assert.False(await tab.AskAsync<bool>("document.getElementById('lines').hidden"), "no line of progress came");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"stack-{screen}");
        await tab.PressAsync("Stacks");
        await tab.AwaitTextAsync("Rolled back");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"overview-{screen}");
        await tab.PressAsync(stack);
    }

    private static async Task ReadTheEvidenceAsync(Tab tab, string stack, Screen screen)
    {
        await tab.PressAsync("Deployment Rolled back");
        await tab.AwaitTextAsync("Evidence");
        await tab.AwaitTextAsync("500");
        await tab.ExpectFlawlessAsync();
        await tab.ShowAsync("footer");
        await tab.PictureAsync($"deployment-{screen}");
        await tab.PressAsync(stack);
    }

    private static async Task CompareAsync(Tab tab, string stack, Screen screen)
    {
        await tab.PressAsync("with #1");
        await tab.AwaitTextAsync("DATABASE_PASSWORD");
        Assert.DoesNotContain("hunter2", await tab.TextAsync());
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"diff-{screen}");
        await tab.PressAsync(stack);
        await tab.PressAsync("Logs of the containers");
        await tab.ExpectFlawlessAsync();
        await tab.PressInPlaceAsync("Follow");
        await tab.PictureAsync($"logs-{screen}");
        await tab.PressAsync(stack);
    }

    private async Task DeployAGoodOneAndGoBackAsync(Tab tab, string stack, Screen screen)
    {
        await site.PushAsync(stack, "v3", "Ask the payment service politely");
        await tab.AwaitTextAsync("Healthy");
        await tab.AwaitTextAsync("#3, since");

        await tab.PressAsync("Roll back");
        await tab.ChooseAsync("to", "1");
        await tab.TypeAsync("reason", "Customers cannot pay");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"rollback-{screen}");
        await tab.PressAsync("Roll back");
        await tab.AwaitTextAsync("held at release #1 by a manual rollback");
        await tab.AwaitTextAsync("manual rollback");
        await tab.ExpectFlawlessAsync();
        await tab.ShowAsync("#runs");
        await tab.PictureAsync($"history-{screen}");
        Assert.Equal(1, (await site.Host.StatusAsync(stack)).LastKnownGood?.Number);
    }

    private async Task SuspendAndResumeAsync(Tab tab, string stack)
    {
        await tab.PressAsync("Suspend");
        await tab.ExpectFlawlessAsync();
        await tab.TypeAsync("reason", "Until the payment service is back");
        await tab.PressAsync("Suspend");
        await tab.AwaitTextAsync("Suspended");
        await tab.AwaitTextAsync("Until the payment service is back");
        await tab.ExpectFlawlessAsync();
        Assert.Equal("Until the payment service is back", (await site.Host.StatusAsync(stack)).SuspendedBecause);

        await tab.PressAsync("Resume");
        await tab.ExpectFlawlessAsync();
        await tab.PressAsync("Resume");
        await tab.AwaitTextAsync("Check now");
        Assert.Null((await site.Host.StatusAsync(stack)).SuspendedBecause);
    }

    private static async Task SignOutAsync(Tab tab)
    {
        await tab.PressAsync("Sign out");
        await tab.AwaitTextAsync("Sign in");
        await tab.GoAsync("/");
        Assert.Equal("/sign-in", tab.Path);
    }

    private async Task ReadTheAuditAsync(Tab tab, Screen screen)
    {
        await tab.TypeAsync("token", await site.CreateTokenAsync(screen.IsPhone ? "joan" : "mary", "admin"));
        await tab.PressAsync("Sign in");
        await tab.PressAsync("Audit");
        await tab.AwaitTextAsync("Customers cannot pay");
        await tab.ExpectFlawlessAsync();
        await tab.PictureAsync($"audit-{screen}");
    }
}
