using System.Globalization;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Html;

namespace Eclusier.Dashboard.Views;

/// <summary>A deployment's steps drawn to scale. Positions are attributes: the page's policy forbids styles in the text.</summary>
internal static class StepsPicture
{
    private const double Width = 1000;
    private const double Narrowest = 6; // else a quick step is not to be seen

    /// <summary>All steps in one bar, beside those of other deployments.</summary>
    /// <param name="longest">What the whole width stands for.</param>
    public static IHtmlContent Bar(DeploymentReport deployment, TimeSpan longest, DateTimeOffset now)
    {
        var content = new HtmlContentBuilder();
        content.AppendFormat("""<svg class="steps" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="{0}"><rect class="track" width="1000" height="10"/>""", InWords(deployment, now));
        var scale = Width / Math.Max(longest.TotalSeconds, 0.001);
        var end = 0.0;
        foreach (var step in deployment.Steps)
        {
            var begin = Math.Max((step.StartedAt - deployment.StartedAt).TotalSeconds * scale, end);
            var width = Math.Max(SecondsOf(step, now) * scale, Narrowest);
            end = Math.Min(begin + width, Width);
            AppendRectangle(content, step, Math.Min(begin, Width - Narrowest), Math.Max(end - begin, Narrowest), 10);
        }

        return content.AppendHtml("</svg>");
    }

    /// <summary>One step where it lies within its deployment; the row's words say the same.</summary>
    public static IHtmlContent Row(StepReport step, DeploymentReport deployment, DateTimeOffset now)
    {
        var whole = Math.Max(((deployment.EndedAt ?? now) - deployment.StartedAt).TotalSeconds, 0.001);
        var begin = Math.Clamp((step.StartedAt - deployment.StartedAt).TotalSeconds / whole * Width, 0, Width - Narrowest);
        var width = Math.Clamp(SecondsOf(step, now) / whole * Width, Narrowest, Width - begin);
        var content = new HtmlContentBuilder();
        content.AppendHtml("""<svg class="steps" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="1000" height="10"/>""");
        AppendRectangle(content, step, begin, width, 10);
        return content.AppendHtml("</svg>");
    }

    /// <summary><c>fetch 0.3 s, apply 4 s, health-gate failed after 61 s</c></summary>
    public static string InWords(DeploymentReport deployment, DateTimeOffset now) => deployment.Steps.Count == 0 ? "no step was begun"
        : string.Join(", ", deployment.Steps.Select(step => step switch
        {
            { Succeeded: true } => $"{step.Step} {Exact(step, now)}",
            { Succeeded: false } => $"{step.Step} failed after {Exact(step, now)}",
            _ => $"{step.Step} for {Exact(step, now)} so far",
        }));

    private static string Exact(StepReport step, DateTimeOffset now) => Times.Exact(TimeSpan.FromSeconds(SecondsOf(step, now)));

    private static double SecondsOf(StepReport step, DateTimeOffset now) => step.Seconds ?? Math.Max((now - step.StartedAt).TotalSeconds, 0);

    private static void AppendRectangle(HtmlContentBuilder content, StepReport step, double x, double width, int height) => content.AppendFormat(
        """<rect class="phase-{0}{1}" x="{2}" width="{3}" height="{4}"><title>{5}</title></rect>""",
        PhaseOf(step.Step), step.Succeeded switch { true => "", false => " failed", null => " open" }, Number(x), Number(width), height, step.Step);

    private static string PhaseOf(string step) => step switch
    {
        "fetch" or "render" or "lock" or "stage" => "prepare",
        "apply" => "apply",
        "health-gate" or "soak" => "prove",
        _ => "back",
    };

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
