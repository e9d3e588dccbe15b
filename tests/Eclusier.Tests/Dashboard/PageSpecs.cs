using System.Net;
using Eclusier.Core.Access;
using Eclusier.Operations;

namespace Eclusier.Tests.Dashboard;

/// <summary>What the pages say, and what a browser may do with them.</summary>
public sealed class PageSpecs : IAsyncLifetime
{
    private Browser browser = null!;

    public static TheoryData<string> Pages =>
    [
        "/", "/stacks/shop", "/stacks/shop/deployments/7", "/stacks/shop/releases/41", "/stacks/shop/diff?from=41&to=42", "/stacks/shop/logs",
        "/stacks/shop/check", "/stacks/shop/deploy", "/stacks/shop/rollback", "/stacks/shop/retry", "/stacks/shop/suspend", "/stacks/shop/resume",
        "/audit", "/stacks/unknown", "/stacks/shop/deployments/99", "/stacks/shop/releases/99", "/sign-in",
    ];

    public async ValueTask InitializeAsync()
    {
        browser = await Browser.OpenAsync(new FakeAgent { History = Some.History with { Releases = [.. Some.History.Releases, Earlier] } });
    }

    public ValueTask DisposeAsync() => browser.DisposeAsync();

    private static ReleaseSummary Earlier => Some.Summary with { Number = 40, IsLastKnownGood = false, Subject = "The one before" };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_browser_may_only_show_them_with_our_own_files(string path)
    {
        if (path != "/sign-in")
        {
            await browser.SignInAsync(Role.Admin);
        }

        var page = await browser.GetAsync(path);

        Assert.True(page.Status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{page.Status}");
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", page.Headers["Content-Security-Policy"]);
        Assert.Contains("base-uri 'none'", page.Headers["Content-Security-Policy"]);
        Assert.Equal(("DENY", "nosniff", "no-store", "no-referrer"), (page.Headers["X-Frame-Options"], page.Headers["X-Content-Type-Options"], page.Headers["Cache-Control"], page.Headers["Referrer-Policy"]));
        Assert.Equal("text/html; charset=utf-8", page.Headers["Content-Type"]);
        Assert.DoesNotMatch("(src|href|action)=\"(https?:)?//(?!github.com)", page.Html);
        Assert.DoesNotMatch(" (style|on[a-z]+)=", page.Html); // the policy forbids both
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task They_have_a_language_a_title_landmarks_and_one_heading_of_the_first_order(string path)
    {
        await browser.SignInAsync(Role.Admin);
        var html = (await browser.GetAsync(path)).Html;
        if (path == "/sign-in")
        {
            return; // whoever is signed in is sent on
        }

        Assert.Contains("<html lang=\"en\">", html);
        Assert.Contains("· Eclusier</title>", html);
        Assert.Equal(1, Count(html, "<h1"));
        Assert.Equal(1, Count(html, "<main"));
        Assert.Contains("href=\"#main\"", html);
        Assert.Equal(Count(html, "<section"), Count(html, "<section aria-label") + Count(html, "<section id=\"progress\" data-part aria-label") + Count(html, "<section class=\"card change\" aria-label"));
    }

    [Fact]
    public async Task All_stacks_are_told_at_a_glance_the_urgent_ones_first()
    {
        browser.Agent.Statuses["blog"] = Some.Status with { Stack = "blog", State = "healthy" };
        browser.Agent.Statuses["new"] = Some.EmptyStatus with { Stack = "new" };
        await browser.SignInAsync(Role.Read);
        var page = await browser.GetAsync("/");

        Assert.Contains("1 rolled back, 1 nothing deployed, 1 healthy", page.Text);
        Assert.True(page.Html.IndexOf("/stacks/shop", StringComparison.Ordinal) < page.Html.IndexOf("/stacks/blog", StringComparison.Ordinal));
        Assert.Contains("web exited with 1", page.Text);
        Assert.Contains("#41", page.Text);
    }

    [Fact]
    public async Task A_stack_is_told_with_what_runs_and_why()
    {
        await browser.SignInAsync(Role.Read);
        var page = await browser.GetAsync("/stacks/shop");

        foreach (var said in new[] { "Rolled back", "1eabc9a", "Fix the cart's total by Ann", "In quarantine: release #42", "Rollback Possible", "shop-web-1", "ghcr.io/x/web@sha256:0123", "new commit", "took 1 min 40 s", "the registry does not answer" })
        {
            Assert.Contains(said, page.Text);
        }

        Assert.Contains("aria-label=\"stage 4.2 s, gate failed after 1 min 1 s\"", page.Html);
    }

    [Fact]
    public async Task A_commit_is_a_link_where_the_forge_is_known()
    {
        browser.Agent.Release = Some.Release with { Repository = "git@github.com:ada/shop.git" };
        await browser.SignInAsync(Role.Read);

        Assert.Contains($"href=\"https://github.com/ada/shop/commit/{Some.Commit}\"", (await browser.GetAsync("/stacks/shop")).Html);
    }

    [Fact]
    public async Task A_failed_deployment_shows_its_steps_and_its_evidence()
    {
        await browser.SignInAsync(Role.Read);
        var page = await browser.GetAsync("/stacks/shop/deployments/7");

        Assert.Contains("panic: no database", page.Html);
        Assert.Contains("web's last lines", page.Text);
        Assert.Contains("gate", page.Text);
        Assert.Contains("/stacks/shop/diff?from=41&amp;to=42", page.Html);
    }

    [Fact]
    public async Task The_difference_names_variables_without_their_values()
    {
        await browser.SignInAsync(Role.Read);
        var page = await browser.GetAsync("/stacks/shop/diff?from=41&to=42");

        foreach (var said in new[] { "NEW new", "OLD gone", "PASSWORD other value", "conf/nginx.conf changed", "ports", "network backend", "ghcr.io/x/web:2" })
        {
            Assert.Contains(said, page.Text);
        }
    }

    [Fact]
    public async Task The_audit_is_for_admins_and_says_who_had_what_done_and_why()
    {
        browser.Agent.Audit = new AuditReport([new AuditLine(Some.Now, "ada", "operate", "192.0.2.7", "rollback", "shop", "to #40", "customers <cannot> pay", Some.Now, "committed: release #40 runs")]);
        await browser.SignInAsync(Role.Operate);
        Assert.DoesNotContain("/audit", (await browser.GetAsync("/")).Html);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/audit")).Status);

        await browser.SignInAsync(Role.Admin);
        Assert.Contains("ada operate 192.0.2.7 rollback to #40 shop customers <cannot> pay committed: release #40 runs", (await browser.GetAsync("/audit")).Text);
    }

    [Fact]
    public async Task What_others_wrote_cannot_become_markup()
    {
        const string Evil = "<img src=x onerror=alert(1)>\"'";
        var release = Some.Summary with { Subject = Evil };
        browser.Agent.Statuses["shop"] = Some.Status with { Message = Evil, Running = release, SuspendedBecause = Evil, Services = [new ServiceStatus(Evil, Evil, Evil, Evil, Evil, 0, null)], Quarantined = [Some.Quarantined with { QuarantineReason = Evil }] };
        browser.Agent.History = new HistoryReport([Some.Deployment with { Subject = Evil, Reason = Evil, CauseDetail = Evil, Steps = [new StepReport(Evil, Some.Now, 1, false, Evil)], Evidence = [new EvidenceReport(Evil, Evil)] }], [release]);
        browser.Agent.Release = Some.Release with { Release = release, Author = Evil, Repository = Evil, Services = [new ReleaseServiceReport(Evil, Evil, Evil, Evil, true)] };
        browser.Agent.Logs.Add(new LogEntry(Some.Now, Evil, Evil));
        browser.Agent.Comparison = Some.Comparison with { Services = [new ServiceComparison(Evil, "changed") { Environment = new NamesComparison([Evil], [Evil], [Evil]), Keys = [Evil] }], Shared = [Evil] };
        await browser.SignInAsync(Role.Operate);

        foreach (var path in Pages.Select(row => row.Data).Where(path => path.StartsWith("/stacks/shop", StringComparison.Ordinal)).Append("/"))
        {
            var page = await browser.GetAsync(path);
            Assert.DoesNotContain("<img", page.Html);
            Assert.DoesNotContain("alert(1)>\"", page.Html);
        }
    }

    [Fact]
    public async Task While_a_stack_is_deployed_a_browser_without_script_loads_the_page_again()
    {
        browser.Agent.Statuses["shop"] = Some.Status with { State = "deploying", Deployment = Some.Deployment with { Result = null, EndedAt = null } };
        await browser.SignInAsync(Role.Read);

        Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>", (await browser.GetAsync("/stacks/shop")).Html);
    }

    [Fact]
    public async Task Files_of_the_pages_are_kept_by_browsers_until_they_change()
    {
        var address = System.Text.RegularExpressions.Regex.Match((await browser.GetAsync("/sign-in")).Html, "/assets/dashboard.js[^\"]*").Value;

        Assert.Contains("immutable", (await browser.GetAsync(address)).Headers["Cache-Control"]);
        Assert.Equal("no-cache", (await browser.GetAsync("/assets/dashboard.js")).Headers["Cache-Control"]);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
