using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Html;

namespace Eclusier.Dashboard.Views;

/// <summary>Small pieces of pages. What they are given is encoded here, by the framework.</summary>
internal static class Parts
{
    /// <summary>A state as shape, colour and word.</summary>
    public static IHtmlContent State(Look look) => new HtmlFormattableString(
        """<span class="state tone-{0}"><svg class="icon icon-{1}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><circle cx="8" cy="8" r="7"/><path d="{2}"/></svg>{3}</span>""",
        look.Tone, look.Word == "Deploying" ? "turns" : "still", look.Icon, look.Word);

    public static IHtmlContent State(string word) => State(Look.Of(word));

    /// <summary>How long ago or how soon; the exact time stays at hand.</summary>
    public static IHtmlContent Ago(this PageFrame frame, DateTimeOffset at) => new HtmlFormattableString(
        """<time datetime="{0}" title="{1}" data-ago>{2}</time>""", at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"), $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC", frame.Times.Relative(at));

    public static IHtmlContent At(DateTimeOffset at) => new HtmlFormattableString(
        """<time datetime="{0}">{1}</time>""", at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"), $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    public static IHtmlContent Clock(DateTimeOffset at) => new HtmlFormattableString(
        """<time datetime="{0}">{1}</time>""", at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"), $"{at.UtcDateTime:HH:mm:ss}");

    /// <summary>A commit's short form; a link where the forge is known.</summary>
    public static IHtmlContent Commit(string? commit, string? link) => commit is not { Length: > 0 } ? HtmlString.Empty
        : link is null ? new HtmlFormattableString("""<code class="commit" title="{0}">{1}</code>""", commit, Words.Commit(commit))
        : new HtmlFormattableString("""<a class="commit" href="{0}" rel="noreferrer" title="{1}"><code>{2}</code></a>""", link, commit, Words.Commit(commit));

    /// <summary>An image's name, and its digest's beginning with the whole in the title.</summary>
    public static IHtmlContent Digest(string reference)
    {
        var at = reference.IndexOf("sha256:", StringComparison.Ordinal);
        return at < 0 || reference.Length < at + 19
            ? new HtmlFormattableString("""<code class="digest">{0}</code>""", reference)
            : new HtmlFormattableString("""<code class="digest" title="{0}">{1}…</code>""", reference, reference[at..(at + 19)]);
    }

    /// <summary>Since when it runs as it does: the start of its newest container; without the engine's answer, when it was committed.</summary>
    public static DateTimeOffset? RunsSince(StackStatus status) => status.Services.Max(service => service.StartedAt) ?? status.Running?.CommittedAt;

    public static string Took(DeploymentReport deployment, DateTimeOffset now) => Times.Exact((deployment.EndedAt ?? now) - deployment.StartedAt);

    /// <summary>Why a deployment was begun, as a person says it.</summary>
    public static string Cause(DeploymentReport deployment) => deployment.Cause switch
    {
        "commit" => "new commit",
        "configuration-changed" => "configuration changed",
        "image-moved" => "image moved",
        "command" => "asked for",
        "manual-rollback" => "manual rollback",
        "drift" => "host had drifted",
        var cause => cause,
    };

    public static string Stack(string name) => $"/stacks/{Uri.EscapeDataString(name)}";

    public static string Deployment(DeploymentReport deployment) => $"{Stack(deployment.Stack)}/deployments/{deployment.Id}";

    public static string Release(string stack, int number) => $"{Stack(stack)}/releases/{number}";

    public static string Diff(string stack, int from, int to) => $"{Stack(stack)}/diff?from={from}&to={to}";
}
