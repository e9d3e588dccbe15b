using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Tests.Notifications;

internal static class SomeEvent
{
    /// <summary>As it would be written by somebody who means harm.</summary>
    public const string Subject = "@everyone <!channel> @channel `x` <b>*bold*</b> [a](http://evil.test)";

    private const string Commit = "1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e";

    public static Event RolledBack { get; } = new()
    {
        Id = "0199-event",
        Kind = EventKind.RolledBack,
        Also = [EventKind.Quarantined],
        At = new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero),
        Host = "srv1",
        Stack = "shop",
        Title = "shop: release #2 failed and was rolled back to #1",
        Message = "container shop-web-1 was restarted 5 times",
        Deployment = new EventDeployment(12, "commit", "rolled-back", new DateTimeOffset(2026, 9, 1, 11, 59, 0, TimeSpan.Zero), 60, "soak"),
        From = new EventRevision(1, new string('a', 40), "good", "Ada", null),
        To = new EventRevision(2, Commit, Subject, "Mallory", $"https://github.com/ada/shop/commit/{Commit}"),
        Running = new EventRevision(1, new string('a', 40), "good", "Ada", null),
        Evidence = [new Evidence("last lines of shop-web-1", $"```\n@everyone <!here>\n{string.Join('\n', Enumerable.Range(1, 3000).Select(line => $"é line {line} & <tag>"))}\nthe end")],
    };
}
