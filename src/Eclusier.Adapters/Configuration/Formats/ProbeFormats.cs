using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>HTTP status codes: <c>200</c>, <c>2xx</c>, or a list of them.</summary>
internal sealed class StatusFormat : Format<IReadOnlyList<StatusRange>>
{
    private readonly StatusCodeFormat _code = new();
    private readonly ListFormat<StatusRange> _list = new("status codes", new StatusCodeFormat()) { MayBeEmpty = false };

    public override string Type => "status code, or list of them";

    public override JsonObject ToSchema() => new() { ["anyOf"] = new JsonArray(_code.ToSchema(), _list.ToSchema()) };

    public override bool TryRead(Field field, [MaybeNullWhen(false)] out IReadOnlyList<StatusRange> value)
    {
        if (field.Value is YamlValue.List) { return _list.TryRead(field, out value); }

        value = _code.TryRead(field, out var single) ? [single] : null;
        return value is not null;
    }
}

internal sealed partial class StatusCodeFormat : ScalarFormat<StatusRange>
{
    public override string Noun => "a status code such as 200 or 2xx";

    public override string Type => "status code";

    protected override JsonObject ToOwnSchema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "integer", ["minimum"] = 100, ["maximum"] = 599 },
            new JsonObject { ["type"] = "string", ["pattern"] = Rule().ToString() }),
    };

    protected override Reading<StatusRange> Parse(string text, string written, Field field)
    {
        if (text.EndsWith('\n') || !Rule().IsMatch(text)) { return Reading<StatusRange>.Wrong($"expected {Noun}"); }

        return text.EndsWith('x')
            ? new Reading<StatusRange>(new StatusRange((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99))
            : new Reading<StatusRange>(new StatusRange(int.Parse(text), int.Parse(text)));
    }

    [GeneratedRegex("^[1-5](?:[0-9]{2}|xx)$")]
    private static partial Regex Rule();
}

/// <summary>An http:// or https:// URL; no message quotes it, since its query may hold a secret.</summary>
internal sealed class HttpUrlFormat : ScalarFormat<Uri>
{
    public override string Noun => "an http:// or https:// URL";

    public override string Type => "URL";

    protected override bool MayBeShown => false;

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = "^https?://[^/]" };

    protected override Reading<Uri> Parse(string text, string written, Field field) =>
        TryParse(text) is not { } url ? Reading<Uri>.Wrong($"expected {Noun}")
        : url.UserInfo.Length > 0 ? Reading<Uri>.Wrong("a URL here must not hold a user name or password; send an Authorization header under 'headers'")
        : new Reading<Uri>(url);

    public static Uri? TryParse(string text) =>
        !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 ? url : null;
}

internal sealed record TcpAddress(string Host, int Port);

/// <summary><c>host:port</c>; an IPv6 address in brackets.</summary>
internal sealed partial class TcpAddressFormat : ScalarFormat<TcpAddress>
{
    public override string Noun => "a host and a port such as 127.0.0.1:5432";

    public override string Type => "host:port";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = Rule().ToString() };

    protected override Reading<TcpAddress> Parse(string text, string written, Field field)
    {
        var match = Rule().Match(text);
        if (!match.Success || text.EndsWith('\n'))
        {
            return Reading<TcpAddress>.Wrong($"expected {Noun}", text.Contains(':', StringComparison.Ordinal) ? "" : "; the port is missing");
        }

        var host = match.Groups[1].Value.Trim('[', ']');
        var port = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        if (Uri.CheckHostName(host) is UriHostNameType.Unknown) { return Reading<TcpAddress>.Wrong($"expected {Noun}"); }

        return new Reading<TcpAddress>(new TcpAddress(host, port), port is 0 or > 65535 ? "expected a port from 1 to 65535" : null);
    }

    [GeneratedRegex(@"^(\[[0-9A-Fa-f:.]+\]|[^:\[\]/\s]+):([0-9]{1,5})$")]
    private static partial Regex Rule();
}
