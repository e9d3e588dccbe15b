namespace Eclusier.Core.Health;

/// <summary>When a release counts as healthy.</summary>
public sealed record HealthPolicy
{
    /// <summary>The whole gate: from applied to passing.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it must stay passing before it is committed.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromSeconds(15);

    public IReadOnlyList<Probe> Probes { get; init; } = [];
}

/// <summary>A check from outside the containers, or inside one.</summary>
public abstract record Probe
{
    private Probe() { }

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How it is called in messages, for example <c>http https://api.example.org/health</c>.</summary>
    public abstract string Title { get; }

    /// <summary>An HTTP(S) request; redirects are answers, not followed.</summary>
    public sealed record Http(Uri Url) : Probe
    {
        public string Method { get; init; } = "GET";

        public IReadOnlyList<StatusRange> Status { get; init; } = [new StatusRange(200, 200)];

        /// <summary>A text that the answer's body must hold, or <c>null</c>.</summary>
        public string? BodyContains { get; init; }

        /// <summary>Request headers.</summary>
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        /// <summary>Any certificate is accepted (<c>tls: insecure</c>): it may not exist yet.</summary>
        public bool AcceptsAnyCertificate { get; init; }

        public override string Title => $"http {Url}";
    }

    /// <summary>A TCP connection that is accepted.</summary>
    public sealed record Tcp(string Host, int Port) : Probe
    {
        public override string Title => $"tcp {Host}:{Port}";
    }

    /// <summary>A command inside a running container of a service; passes with exit code 0.</summary>
    public sealed record Exec(string Service, IReadOnlyList<string> Command) : Probe
    {
        public override string Title => $"exec {Service}: {string.Join(' ', Command)}";
    }
}

/// <summary>HTTP status codes from <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
public readonly record struct StatusRange(int From, int To)
{
    public bool Contains(int status) => status >= From && status <= To;

    public override string ToString() => From == To ? $"{From}" : To - From == 99 && From % 100 == 0 ? $"{From / 100}xx" : $"{From}-{To}";
}

/// <summary>What one attempt of a probe saw.</summary>
/// <param name="Detail">The answer in short: <c>HTTP 500: out of memory</c>, <c>connection refused</c>.</param>
public sealed record ProbeResult(bool Passed, string Detail);
