using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;
using Eclusier.Core.Access;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>An address to listen at: one of this host's addresses, <c>localhost</c> or <c>*</c>, and a port.</summary>
internal sealed class ListenAddressFormat : ScalarFormat<ListenAddress>
{
    public override string Noun => "an address of this host and a port such as 127.0.0.1:8733, localhost:8733 or *:8733";

    public override string Type => "address:port";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = @"^(\[[0-9A-Fa-f:.]+\]|[0-9.]+|localhost|\*):[0-9]{1,5}$" };

    protected override Reading<ListenAddress> Parse(string text, string written, Field field)
    {
        var separator = text.LastIndexOf(':');
        if (separator < 0) { return Reading<ListenAddress>.Wrong($"expected {Noun}", "; the port is missing"); }

        var (host, port) = (text[..separator], text[(separator + 1)..]);
        var address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ when host.StartsWith('[') == host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out var parsed) && (host.Contains(':', StringComparison.Ordinal) || host.Count(letter => letter == '.') == 3) => parsed,
            _ => null,
        };
        if (address is null) { return Reading<ListenAddress>.Wrong($"expected {Noun}", host.Contains(':', StringComparison.Ordinal) ? "; an IPv6 address needs brackets" : ""); }
        if (port.Length is 0 or > 5 || !port.All(char.IsAsciiDigit) || int.Parse(port) is 0 or > 65535) { return Reading<ListenAddress>.Wrong("expected a port from 1 to 65535"); }

        return new Reading<ListenAddress>(new ListenAddress(address, int.Parse(port)));
    }
}

/// <summary>A network such as <c>10.0.0.0/8</c>, or a single address.</summary>
internal sealed class NetworkFormat : ScalarFormat<IPNetwork>
{
    public override string Noun => "a network such as 10.0.0.0/8, or an address";

    public override string Type => "network";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$" };

    protected override Reading<IPNetwork> Parse(string text, string written, Field field)
    {
        var (host, isNetwork) = text.Split('/') is [var first, _] ? (first, true) : (text, false);
        if (!IPAddress.TryParse(host, out var address) || !(host.Contains(':', StringComparison.Ordinal) || host.Count(letter => letter == '.') == 3)) { return Reading<IPNetwork>.Wrong($"expected {Noun}"); }
        if (!isNetwork) { return new Reading<IPNetwork>(new IPNetwork(address, address.GetAddressBytes().Length * 8)); }
        if (!IPNetwork.TryParse(text, out var network)) { return Reading<IPNetwork>.Wrong($"expected {Noun}"); }

        // the framework would take the whole network, which may be far more than the person means
        return network.BaseAddress.Equals(address)
            ? new Reading<IPNetwork>(network)
            : Reading<IPNetwork>.Wrong($"expected {Noun}", $"; the whole network would be {network}, the address alone {host}");
    }
}

/// <summary>A list of values, or a single one of them.</summary>
internal sealed class OneOrMoreFormat<T>(string plural, ScalarFormat<T> item) : Format<IReadOnlyList<T>>
{
    private readonly ListFormat<T> _list = new(plural, item);

    public override string Type => $"{item.Type}, or list of {plural}";

    public override JsonObject ToSchema() => new() { ["anyOf"] = new JsonArray(item.ToSchema(), _list.ToSchema()) };

    public override bool TryRead(Field field, [MaybeNullWhen(false)] out IReadOnlyList<T> value)
    {
        if (field.Value is YamlValue.List) { return _list.TryRead(field, out value); }

        value = item.TryRead(field, out var single) ? [single] : null;
        return value is not null;
    }
}
