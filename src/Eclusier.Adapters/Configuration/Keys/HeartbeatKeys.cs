using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>heartbeat</c>.</summary>
internal static class HeartbeatKeys
{
    public static readonly Key<Secret> Url = new("url", new SecretFormat("an http:// or https:// URL", NotifierKeys.NotAUrl))
    {
        Description = "The address to call while all is well; with `/fail` behind it when a stack's work does not go on.",
        Example = "url: ${HEARTBEAT_URL}",
    };

    public static readonly Key<string> UrlFile = new("url_file", new HostFileFormat("a file that holds the URL"))
    {
        Description = "A file that holds the address.",
        Example = "url_file: /etc/eclusier/heartbeat.url",
    };

    public static readonly DefaultedKey<TimeSpan> Interval = new("interval", new DurationFormat("10s", "1d"), "5m")
    {
        Description = "How often it is called. The service that waits for it should allow twice that.",
        Example = "interval: 1m",
    };

    public static readonly Group<HeartbeatSettings> Group = new(
        "heartbeat",
        [Url, UrlFile, Interval],
        [new KeyRule.OneOf(IsRequired: true, Url, UrlFile)],
        reading => NotifierKeys.SecretOf(reading, Url, UrlFile) is { } url ? new HeartbeatSettings(url, reading.Value(Interval)) : null);
}
