using System.Net;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Access;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>api</c>.</summary>
internal static partial class ApiKeys
{
    public static readonly DefaultedKey<IReadOnlyList<ListenAddress>> Listen = new("listen", new OneOrMoreFormat<ListenAddress>("addresses", new ListenAddressFormat()), "[]")
    {
        Description = """
            Where to listen for HTTP besides the Unix socket. Every request there needs a token (`eclusier token create`). For an address that other
            hosts can reach, `monitor` does not start without a token, nor without `certificate_file` or `trusted_proxies`.
            """,
        Example = "listen: 127.0.0.1:8733",
    };

    public static readonly Key<string> CertificateFile = new("certificate_file", new HostFileFormat("a file with a certificate in PEM"))
    {
        Description = """
            The certificate (with those between it and its authority) for HTTPS at every address of `listen`. A renewed file counts within seconds,
            without a restart.
            """,
        Example = "certificate_file: /etc/eclusier/tls.crt",
    };

    public static readonly Key<string> KeyFile = new("key_file", new HostFileFormat("a file with a private key in PEM"))
    {
        Description = "The certificate's private key, not encrypted.",
        Example = "key_file: /etc/eclusier/tls.key",
    };

    public static readonly Key<Uri> Url = new("url", new HttpUrlFormat())
    {
        Description = """
            The address at which people reach it, for links in messages. When it is given, requests that name another host are turned away, but for
            addresses in numbers and `localhost`: so a web site that has its name lead here gets nothing.
            """,
        Example = "url: https://eclusier.example.org",
    };

    public static readonly DefaultedKey<IReadOnlyList<IPNetwork>> TrustedProxies = new("trusted_proxies", new ListFormat<IPNetwork>("networks", new NetworkFormat()), "[]")
    {
        Description = """
            From where a reverse proxy connects. What it says in `X-Forwarded-For`, `X-Forwarded-Proto` and `user_header` is believed; from anybody
            else these headers are ignored. Everything that can connect from there can pretend to be anybody: name the proxy, not its network.
            """,
        Example = "trusted_proxies: [127.0.0.1]",
    };

    public static readonly Key<string> UserHeader = new("user_header", new TextFormat("the name of a header", HeaderName()))
    {
        Description = """
            The header in which a trusted proxy names who has signed in with it (`Remote-User`, `X-Forwarded-User`): these people need no token. The
            proxy must remove the header from what it receives.
            """,
        Example = "user_header: Remote-User",
    };

    public static readonly DefaultedKey<Role> UserRole = new("user_role", new ChoiceFormat<Role>(("read", Role.Read), ("operate", Role.Operate), ("admin", Role.Admin)), "read")
    {
        Description = "What those who come by `user_header` may do: see everything, also deploy and roll back, or also give tokens.",
        Example = "user_role: operate",
    };

    public static readonly Group<ApiSettings> Group = new(
        "api",
        [Listen, CertificateFile, KeyFile, Url, TrustedProxies, UserHeader, UserRole],
        [
            new KeyRule.OnlyWith(CertificateFile, KeyFile), new KeyRule.OnlyWith(KeyFile, CertificateFile),
            new KeyRule.OnlyWith(UserHeader, TrustedProxies), new KeyRule.OnlyWith(UserRole, UserHeader),
        ],
        reading => new ApiSettings
        {
            Listen = reading.Value(Listen),
            CertificateFile = reading.Find(CertificateFile),
            KeyFile = reading.Find(KeyFile),
            Url = reading.Find(Url),
            TrustedProxies = reading.Value(TrustedProxies),
            UserHeader = reading.Find(UserHeader),
            UserRole = reading.Value(UserRole),
        });

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$")]
    private static partial Regex HeaderName();
}
