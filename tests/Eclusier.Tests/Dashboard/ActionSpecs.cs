using System.Net;
using Eclusier.Core.Access;
using Eclusier.Operations;

namespace Eclusier.Tests.Dashboard;

/// <summary>What can be done from the dashboard, by whom, and how another web site is kept from it.</summary>
public sealed class ActionSpecs : IAsyncLifetime
{
    private Browser browser = null!;

    public static TheoryData<string> Actions => ["check", "deploy", "rollback", "retry", "suspend", "resume"];

    public async ValueTask InitializeAsync() => browser = await Browser.OpenAsync(new FakeAgent
    {
        History = Some.History with { Releases = [.. Some.History.Releases, Some.Summary with { Number = 40, IsLastKnownGood = false }] },
    });

    public ValueTask DisposeAsync() => browser.DisposeAsync();

    [Theory]
    [InlineData("check", "check shop")]
    [InlineData("deploy", "deploy shop")]
    [InlineData("rollback", "rollback shop 40")]
    [InlineData("retry", "retry shop")]
    [InlineData("suspend", "suspend shop: for the test")]
    [InlineData("resume", "resume shop")]
    public async Task It_is_asked_for_confirmed_and_done(string action, string call)
    {
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync($"/stacks/shop/{action}")).FormToken;
        Assert.DoesNotContain(call, browser.Agent.Calls);

        var page = await browser.SendFormAsync($"/stacks/shop/{action}", ("form", form), ("reason", "for the test"), ("to", "40"));

        Assert.Equal((HttpStatusCode.SeeOther, "/stacks/shop"), (page.Status, page.Location));
        Assert.Contains(call, browser.Agent.Calls);
        Assert.Contains("asked for by operate-0", (await browser.GetAsync("/stacks/shop")).Text);
        Assert.StartsWith($"operate-0 Operate 127.0.0.1: {action} shop", Assert.Single(browser.Daemon.Audit.Lines), StringComparison.Ordinal);
        Assert.Contains("(for the test)", browser.Daemon.Audit.Lines[0]);
    }

    [Fact]
    public async Task Force_is_a_choice_of_its_own()
    {
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync("/stacks/shop/deploy")).FormToken;
        await browser.SendFormAsync("/stacks/shop/deploy", ("form", form), ("force", "yes"));

        Assert.Contains("deploy shop force", browser.Agent.Calls);
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Who_may_only_read_sees_no_button_and_is_refused(string action)
    {
        await browser.SignInAsync(Role.Read);
        var page = await browser.GetAsync("/stacks/shop");
        Assert.DoesNotContain($"/stacks/shop/{action}\"", page.Html);

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync($"/stacks/shop/{action}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync($"/stacks/shop/{action}", ("form", page.FormToken), ("reason", "r"), ("to", "40"))).Status);
        Assert.DoesNotContain(browser.Agent.Calls, call => call.StartsWith($"{action} shop", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task A_form_that_none_of_our_pages_sent_does_nothing(string action)
    {
        await browser.SignInAsync(Role.Operate);
        var path = $"/stacks/shop/{action}";
        var form = (await browser.GetAsync(path)).FormToken;
        (string, string)[] fields = [("form", form), ("reason", "r"), ("to", "40")];

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync(path, [("Origin", "https://evil.example")], fields)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync(path, [("Sec-Fetch-Site", "cross-site")], fields)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync(path, [], fields)).Status); // every browser says where a form comes from
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync(path, ("reason", "r"), ("to", "40"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync(path, ("form", new string('0', 64)), ("reason", "r"), ("to", "40"))).Status);
        Assert.DoesNotContain(browser.Agent.Calls, call => call.StartsWith($"{action} shop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_form_of_one_session_is_worth_nothing_in_another()
    {
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync("/stacks/shop/resume")).FormToken;
        await browser.SignInAsync(Role.Operate);

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync("/stacks/shop/resume", ("form", form))).Status);
    }

    [Fact]
    public async Task The_sessions_cookie_alone_changes_nothing_through_the_API_either()
    {
        await browser.SignInAsync(Role.Operate);

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendFormAsync("/api/v1/stacks/shop/resume", [("Origin", "https://evil.example")], [])).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/stacks")).Status);
    }

    [Fact]
    public async Task What_is_not_said_is_asked_for()
    {
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync("/stacks/shop/suspend")).FormToken;

        var suspend = await browser.SendFormAsync("/stacks/shop/suspend", ("form", form), ("reason", "  "));
        var rollback = await browser.SendFormAsync("/stacks/shop/rollback", ("form", form), ("reason", "kept <b>"));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (suspend.Status, rollback.Status));
        Assert.Contains("Say why", suspend.Text);
        Assert.Contains("Choose the release", rollback.Text);
        Assert.Contains("value=\"kept &lt;b&gt;\"", rollback.Html);
        Assert.DoesNotContain(browser.Agent.Calls, call => call.StartsWith("suspend", StringComparison.Ordinal) || call.StartsWith("rollback", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_browser_does_not_wait_for_a_deployment()
    {
        browser.Agent.Gate = new TaskCompletionSource().Task;
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync("/stacks/shop/deploy")).FormToken;

        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendFormAsync("/stacks/shop/deploy", ("form", form))).Status);
        Assert.Contains("Under way Deploy, asked for by operate-0.", (await browser.GetAsync("/stacks/shop")).Text);
    }

    [Fact]
    public async Task What_is_refused_is_said_with_the_reason()
    {
        browser.Agent.Outcome = _ => throw new RequestException("release #40 never passed");
        await browser.SignInAsync(Role.Operate);
        var form = (await browser.GetAsync("/stacks/shop/rollback")).FormToken;
        await browser.SendFormAsync("/stacks/shop/rollback", ("form", form), ("to", "40"));

        Assert.Contains("Refused Roll back, asked for by operate-0: release #40 never passed", (await browser.GetAsync("/stacks/shop")).Text);
    }
}
