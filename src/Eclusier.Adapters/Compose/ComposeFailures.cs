using Eclusier.Adapters.Failures;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Compose;

/// <summary>Says what kind of failure an exit of <c>docker compose</c> is: by exit code and last line, as observed on Compose 2.26 and engine 20.10.</summary>
/// <remarks>
/// Only the last line counts: when one of several parallel pulls fails, the others are cancelled and claim that the engine does not answer.
/// Exit codes: 14 file not found, 15 invalid Compose file, 16 usage, 18 pull failed, 130 cancelled, 1 everything else.
/// </remarks>
internal static class ComposeFailures
{
    /// <summary>Of the engine's disk: no fault of the release, and going back would meet it, too.</summary>
    private const string FullDisk = "no space left on device";

    private static readonly string[] EngineAway =
        ["Cannot connect to the Docker daemon", "error during connect", "Is the docker daemon running", "EOF", "connection reset by peer", "client version"];

    private static readonly string[] Passing =
        [FullDisk, "connection refused", "i/o timeout", "Client.Timeout exceeded", "context deadline exceeded", "dial tcp: lookup", "TLS handshake timeout", "toomanyrequests", "503 Service Unavailable", "500 Internal Server Error"];

    /// <summary>Answers that are one. What the engine itself refuses begins with its own words; the rest is Compose's.</summary>
    private static readonly string[] Refusals =
    [
        "Error response from daemon", "error while", "invalid", "not found", "No such", "no such", "is unhealthy", "exited (", "dependency failed to start", "didn't complete successfully", "has no healthcheck configured",
        "is ambiguous", "already in use", "already allocated", "already exists", "incorrect label", "must be", "requires", "require ", "not supported", "unsupported", "Unknown runtime", "Minimum memory limit",
        "denied", "failed to create", "failed to start", "cannot start", "unknown flag", "no matching manifest",
    ];

    /// <param name="files">Of these Compose does not always say which one it means.</param>
    public static FailureException OfConfig(ProcessResult result, params IEnumerable<string> files) => new(new Failure(
        FailureKind.Rejected, $"the Compose files {(string.Join(", ", files) is { Length: > 0 } names ? $"({names}) " : "")}are not valid: {Said(result)}")
    {
        Evidence = [Whole("docker compose config", result)],
    });

    public static FailureException OfBuild(ProcessResult result)
    {
        var passes = IsAny(result.LastErrorLine, EngineAway) || IsAny(result.LastErrorLine, Passing);
        return new(new Failure(passes ? FailureKind.Transient : FailureKind.Rejected, $"an image could not be built: {Said(result)}")
        {
            Evidence = [Whole("docker compose build", result)],
        });
    }

    public static FailureException OfUp(ProcessResult result)
    {
        var kind = result.ExitCode switch
        {
            _ when result.LastErrorLine.Contains("permission denied while trying to connect", StringComparison.Ordinal) => FailureKind.Transient,
            _ when IsAny(result.LastErrorLine, EngineAway) || result.LastErrorLine.Contains(FullDisk, StringComparison.Ordinal) => FailureKind.Transient,
            14 or 15 or 16 or 18 => FailureKind.DeploymentFailed,
            1 when IsAny(result.LastErrorLine, Refusals) => FailureKind.DeploymentFailed,
            _ => FailureKind.Ambiguous, // killed, or a message nobody knows
        };
        return new(new Failure(kind, $"`docker compose up` ended with exit code {result.ExitCode}: {Said(result)}")
        {
            Evidence = [Whole("docker compose up", result)],
        });
    }

    /// <summary>The last line, which is the reason, without what differs each time.</summary>
    public static string Said(ProcessResult result)
    {
        var line = result.LastErrorLine;
        return line.Length == 0 ? $"exit code {result.ExitCode}, without a word" : VaryingParts.Without(line);
    }

    private static Evidence Whole(string subject, ProcessResult result) =>
        new(subject, string.Join('\n', result.StandardError.Split('\n').Where(line => line.Trim().Length > 0).TakeLast(20)));

    private static bool IsAny(string line, string[] parts) => parts.Any(part => line.Contains(part, StringComparison.Ordinal));
}
