using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Core.Preparing;

namespace Eclusier.Adapters.Proposals;

/// <summary>Addresses that a probe could ask, from what a Compose model says: routes of Traefik, published ports, paths of healthchecks.</summary>
internal static partial class ProbeIdeas
{
    private const int Most = 5;

    public static IReadOnlyList<string> Of(JsonObject model) => [.. ComposeModel.ServicesOf(model).SelectMany(Of).Distinct().Take(Most)];

    private static IEnumerable<string> Of(KeyValuePair<string, JsonObject> service)
    {
        var path = PathOf(service.Value);
        foreach (var (label, rule) in service.Value["labels"] as JsonObject ?? [])
        {
            if (RouterRule().IsMatch(label) && rule is JsonValue value && value.TryGetValue<string>(out var text) && Host().Match(text) is { Success: true } host)
            {
                yield return $"http: https://{host.Groups["name"].Value}{path ?? "/"}   # {service.Key}, by its route in Traefik";
            }
        }

        foreach (var port in ComposeModel.PublishedPortsOf(service.Value).Where(port => port.Protocol == "tcp"))
        {
            var address = port.Address is "0.0.0.0" or "::" ? "127.0.0.1" : port.Address;
            yield return path is not null
                ? $"http: http://{address}:{port.Port}{path}   # {service.Key}, by its healthcheck and port"
                : $"tcp: {address}:{port.Port}   # {service.Key}, by its port; better a page: `http: http://{address}:{port.Port}/`";
        }
    }

    private static string? PathOf(JsonObject service) =>
        (service["healthcheck"] as JsonObject)?["test"] is JsonArray test && LocalAddress().Match(string.Join(' ', test.Select(word => $"{word}"))) is { Success: true } found
            ? found.Groups["path"] is { Success: true, Value: var path } ? path : "/"
            : null;

    [GeneratedRegex(@"^traefik\.http\.routers\.[^.]+\.rule$")]
    private static partial Regex RouterRule();

    [GeneratedRegex(@"Host\(`(?<name>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`")]
    private static partial Regex Host();

    [GeneratedRegex(@"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?<path>/[A-Za-z0-9/._~-]*)?")]
    private static partial Regex LocalAddress();
}
