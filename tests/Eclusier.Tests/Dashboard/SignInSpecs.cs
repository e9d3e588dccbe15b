using System.Net;
using Eclusier.Core.Access;

namespace Eclusier.Tests.Dashboard;

/// <summary>Who gets to see the dashboard, and how that ends.</summary>
public sealed class SignInSpecs : IAsyncLifetime
{
    private Browser browser = null!;

    public async ValueTask InitializeAsync() => browser = await Browser.OpenAsync();

    public ValueTask DisposeAsync() => browser.DisposeAsync();

    [Theory]
    [InlineData("/", "/sign-in")]
    [InlineData("/stacks/shop", "/sign-in?return=%2Fstacks%2Fshop")]
    [InlineData("/stacks/no-such-stack", "/sign-in?return=%2Fstacks%2Fno-such-stack")]
    [InlineData("/stacks/shop/diff?from=1&to=2", "/sign-in?return=%2Fstacks%2Fshop%2Fdiff%3Ffrom%3D1%26to%3D2")]
    public async Task A_stranger_is_asked_to_sign_in_and_learns_nothing(string path, string location)
    {
        var page = await browser.GetAsync(path);

        Assert.Equal((HttpStatusCode.SeeOther, location, ""), (page.Status, page.Location, page.Html));
        Assert.Empty(browser.Agent.Calls);
    }

    [Fact]
    public async Task A_valid_token_signs_in_and_leads_to_the_page_that_was_asked_for()
    {
        var page = await browser.SignInAsync(Role.Read, back: "/stacks/shop");

        Assert.Equal((HttpStatusCode.SeeOther, "/stacks/shop"), (page.Status, page.Location));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/stacks/shop")).Status);
    }

    [Fact]
    public async Task The_cookie_is_for_this_site_alone_and_no_script_can_read_it()
    {
        var cookie = (await browser.SignInAsync(Role.Read)).Headers["Set-Cookie"];

        Assert.Matches("^eclusier_session=[A-Za-z0-9_-]{43}; path=/; samesite=strict; httponly$", cookie);
    }

    [Fact]
    public async Task Over_HTTPS_the_cookie_is_this_hosts_alone()
    {
        await using var behind = await Browser.OpenAsync(settings: new ApiSettings { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });
        (string, string)[] headers = [("X-Forwarded-Proto", "https"), ("Sec-Fetch-Site", "same-origin")];

        var page = await behind.SendFormAsync("/sign-in", headers, [("token", behind.Daemon.Tokens.Create(Role.Read))]);

        Assert.Matches("^__Host-eclusier_session=[A-Za-z0-9_-]{43}; path=/; secure; samesite=strict; httponly$", page.Headers["Set-Cookie"]);
    }

    [Theory]
    [InlineData("ecl_wrong")]
    [InlineData("")]
    [InlineData("<script>alert(1)</script>")]
    public async Task A_wrong_token_is_refused(string token)
    {
        var page = await browser.SendFormAsync("/sign-in", ("token", token), ("return", "/"));

        Assert.Equal(HttpStatusCode.Unauthorized, page.Status);
        Assert.Contains("not valid", page.Text);
        Assert.DoesNotContain("alert(1)", page.Html);
        Assert.False(page.Headers.ContainsKey("Set-Cookie"));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_a_right_token_still_gets_in()
    {
        for (var attempt = 0; attempt < 11; attempt++)
        {
            await browser.SendFormAsync("/sign-in", ("token", "ecl_guess"));
        }

        var page = await browser.SendFormAsync("/sign-in", ("token", "ecl_guess"));
        Assert.Equal(HttpStatusCode.TooManyRequests, page.Status);
        Assert.InRange(int.Parse(page.Headers["Retry-After"]), 1, 60);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(Role.Read)).Status);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("stacks/shop")]
    [InlineData("")]
    public async Task Signing_in_never_leads_to_another_web_site(string back)
    {
        Assert.Equal("/", (await browser.SignInAsync(Role.Read, back)).Location);
        Assert.Equal("/", (await browser.GetAsync($"/sign-in?return={Uri.EscapeDataString(back)}")).Location);
    }

    [Fact]
    public async Task A_planted_session_is_worth_nothing()
    {
        var planted = new string('x', 43);
        browser.Cookies.Add(new Cookie("eclusier_session", planted, "/", "127.0.0.1"));

        var cookie = (await browser.SignInAsync(Role.Admin)).Headers["Set-Cookie"];

        Assert.DoesNotContain(planted, cookie);
        using var thief = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(browser.Daemon.Addresses.Single(address => address.StartsWith("http://127.", StringComparison.Ordinal))) };
        thief.DefaultRequestHeaders.Add("Cookie", $"eclusier_session={planted}");
        Assert.Equal(HttpStatusCode.SeeOther, (await thief.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Each_sign_in_has_a_session_of_its_own_and_ends_the_one_before()
    {
        await browser.SignInAsync(Role.Read);
        var first = browser.Cookies.GetAllCookies().Single().Value;
        await browser.SignInAsync(Role.Operate);
        var second = browser.Cookies.GetAllCookies().Single().Value;

        Assert.NotEqual(first, second);
        browser.Cookies.GetAllCookies().Single().Value = first;
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task Another_web_site_cannot_sign_anybody_in()
    {
        var token = browser.Daemon.Tokens.Create(Role.Admin);
        foreach (var headers in new (string, string)[][] { [("Origin", "https://evil.example")], [("Sec-Fetch-Site", "cross-site")], [("Origin", "null")], [] })
        {
            var page = await browser.SendFormAsync("/sign-in", headers, [("token", token)]);

            Assert.Equal(HttpStatusCode.Forbidden, page.Status);
            Assert.False(page.Headers.ContainsKey("Set-Cookie"));
        }
    }

    [Fact]
    public async Task A_form_that_is_none_of_ours_is_refused_without_a_word_in_the_journal()
    {
        var page = await browser.SendFormAsync("/sign-in", [.. Enumerable.Range(0, 100).Select(number => ($"field{number}", "x"))]);

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await browser.SendFormAsync("/sign-in", ("token", new string('x', 100_000)))).Status);
        Assert.DoesNotContain("failed", browser.Daemon.Journal);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await browser.SignInAsync(Role.Read);
        var form = (await browser.GetAsync("/")).FormToken;
        var session = browser.Cookies.GetAllCookies().Single().Value;

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync("/sign-out", ("form", "wrong"))).Status);
        Assert.Equal("/sign-in", (await browser.SendFormAsync("/sign-out", ("form", form))).Location);
        browser.Cookies.Add(new Cookie("eclusier_session", session, "/", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_session_ends_with_its_token()
    {
        await browser.SignInAsync(Role.Read);
        browser.Daemon.Tokens.Remove("read-0");

        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_session_ends_when_nobody_uses_it_for_twelve_hours()
    {
        await browser.SignInAsync(Role.Read);
        browser.Daemon.Time.Advance(TimeSpan.FromHours(11.9));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).Status);
        browser.Daemon.Time.Advance(TimeSpan.FromHours(11.9));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).Status);
        browser.Daemon.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_link_from_elsewhere_is_followed_in_two_steps_since_the_cookie_stays_behind_at_first()
    {
        var page = await browser.GetAsync("/stacks/shop?a=1&b=2", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("""content="0;url=/stacks/shop?a=1&amp;b=2" """.TrimEnd(), page.Html);
        Assert.Empty(browser.Agent.Calls);
    }

    [Fact]
    public async Task A_trusted_proxy_signs_people_in()
    {
        await using var behind = await Browser.OpenAsync(settings: new ApiSettings { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")], UserHeader = "Remote-User", UserRole = Role.Operate });

        var page = await behind.GetAsync("/stacks/shop", ("Remote-User", "ada"));

        Assert.Contains("ada operate", page.Text);
        Assert.DoesNotContain("Sign out", page.Text);
        var form = (await behind.GetAsync("/stacks/shop/suspend", ("Remote-User", "ada"))).FormToken;
        (string, string)[] headers = [("Remote-User", "ada"), ("Sec-Fetch-Site", "same-origin")];
        Assert.Equal(HttpStatusCode.Forbidden, (await behind.SendFormAsync("/stacks/shop/suspend", [("Remote-User", "bob"), ("Sec-Fetch-Site", "same-origin")], [("form", form), ("reason", "r")])).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await behind.SendFormAsync("/stacks/shop/suspend", headers, [("form", form), ("reason", "r")])).Status);
    }
}
