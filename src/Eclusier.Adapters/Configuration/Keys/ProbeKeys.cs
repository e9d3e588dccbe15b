using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of one item of <c>health.probes</c>.</summary>
internal static partial class ProbeKeys
{
    public static readonly Key<Uri> Http = new("http", new HttpUrlFormat())
    {
        Description = "Asks this URL from the host. Redirects are not followed: they are an answer with their own status.",
        Example = "http: https://api.example.org/health",
    };

    public static readonly DefaultedKey<IReadOnlyList<StatusRange>> Status = new("status", new StatusFormat(), "200")
    {
        Description = "The status codes that pass: one code, a class such as `2xx`, or a list of both.",
        Example = "status: [200, 204]",
    };

    public static readonly Key<string> BodyContains = new("body_contains", new TextFormat("a text to look for") { MayHaveLines = true })
    {
        Description = "A text that the answer's body must hold, exactly as written.",
        Otherwise = "the body is not looked at",
        Example = "body_contains: '\"database\":\"up\"'",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, string>>> Headers = new(
        "headers",
        new MapFormat<string>("the name of a header", "header names and texts", HeaderName(), new TextFormat("a text") { MayBeEmpty = true, IsSensitive = true }),
        "{}")
    {
        Description = "Headers to send with the request. Take secrets from the environment.",
        Example = "headers: { Authorization: \"Bearer ${HEALTH_TOKEN}\" }",
    };

    public static readonly DefaultedKey<string> Method = new(
        "method",
        new ChoiceFormat<string>([.. ((string[])["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).Select(word => (word, word))]),
        "GET")
    {
        Description = "The method of the request.",
        Example = "method: HEAD",
    };

    public static readonly DefaultedKey<bool> AcceptsAnyCertificate = new("tls", new ChoiceFormat<bool>(("verify", false), ("insecure", true)), "verify")
    {
        Description = """
            `insecure` accepts any certificate, also none that anybody signed: for a host whose certificate does not exist yet when its first release
            comes up. The probe then proves that something answers, not who.
            """,
        Example = "tls: insecure",
    };

    public static readonly Key<TcpAddress> Tcp = new("tcp", new TcpAddressFormat())
    {
        Description = "Passes when this host accepts a TCP connection on this port, seen from the host. An IPv6 address goes in brackets: `[::1]:5432`.",
        Example = "tcp: 127.0.0.1:5432",
    };

    public static readonly Key<Probe.Exec> Exec = new("exec", ExecKeys.Group)
    {
        Description = "Runs a command inside a running container of a service; exit code 0 passes.",
    };

    public static readonly DefaultedKey<TimeSpan> Timeout = new("timeout", new DurationFormat("1ms", "1h"), "5s")
    {
        Description = "How long one attempt may take.",
        Example = "timeout: 10s",
    };

    public static readonly Group<Probe> Group = new(
        "a probe",
        [Http, Status, BodyContains, Headers, Method, AcceptsAnyCertificate, Tcp, Exec, Timeout],
        [
            new KeyRule.OneOf(IsRequired: true, Http, Tcp, Exec),
            new KeyRule.OnlyWith(Status, Http),
            new KeyRule.OnlyWith(BodyContains, Http),
            new KeyRule.OnlyWith(Headers, Http),
            new KeyRule.OnlyWith(Method, Http),
            new KeyRule.OnlyWith(AcceptsAnyCertificate, Http),
        ],
        Build);

    private static Probe? Build(GroupReading reading)
    {
        Probe? probe = null;
        if (reading.Find(Http) is { } url)
        {
            probe = new Probe.Http(url)
            {
                Status = reading.Value(Status),
                BodyContains = reading.Find(BodyContains),
                Headers = new Dictionary<string, string>(reading.Value(Headers)),
                Method = reading.Value(Method),
                AcceptsAnyCertificate = reading.Value(AcceptsAnyCertificate),
            };
        }
        else if (reading.Find(Tcp) is { } address)
        {
            probe = new Probe.Tcp(address.Host, address.Port);
        }
        else if (reading.Find(Exec) is { } exec)
        {
            probe = exec;
        }

        return probe is null ? null : probe with { Timeout = reading.Value(Timeout) };
    }

    [GeneratedRegex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    public static partial Regex HeaderName();
}

/// <summary>The keys of a probe's <c>exec</c>.</summary>
internal static class ExecKeys
{
    public static readonly Key<string> Service = new("service", Names.ServiceFormat())
    {
        IsRequired = true,
        Description = "The service, as the Compose file names it.",
        Example = "service: backend",
    };

    public static readonly Key<IReadOnlyList<string>> Command = new(
        "command", new ListFormat<string>("words", new TextFormat("a word of the command") { MayBeEmpty = true, MayHaveLines = true, IsSensitive = true }) { MayBeEmpty = false })
    {
        IsRequired = true,
        Description = "The command and its arguments, word by word. No shell takes part: for one, write `[sh, -c, \"…\"]`.",
        Example = "command: [./check, --ready]",
    };

    public static readonly Group<Probe.Exec> Group = new("exec", [Service, Command], [], reading =>
        reading.Find(Service) is { } service && reading.Find(Command) is { } command ? new Probe.Exec(service, command) : null);
}
