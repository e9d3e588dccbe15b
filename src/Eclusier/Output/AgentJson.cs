using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eclusier.Commands;
using Eclusier.Operations;
using Eclusier.Service;

namespace Eclusier.Output;

public sealed record StatusDocument(IReadOnlyList<StackStatus> Stacks);

public sealed record OutcomesDocument(IReadOnlyList<OutcomeReport> Outcomes);

/// <param name="Errors">Stacks whose plan could not be made.</param>
public sealed record PlansDocument(IReadOnlyList<PlanReport> Plans, IReadOnlyList<StackError> Errors);

public sealed record StackError(string Stack, string Message);

public sealed record LogsDocument(IReadOnlyList<LogEntry> Entries);

public sealed record ConfigurationDocument(string File, bool Valid, IReadOnlyList<string> Stacks, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    public static ConfigurationDocument Of(string file, ConfigurationReading reading) =>
        new(file, reading.Settings is not null, [.. reading.Settings?.Stacks.Select(stack => stack.Name.Value) ?? []], reading.Problems, reading.Warnings);
}

/// <param name="Healthy">No problem was found; warnings may have been.</param>
public sealed record DoctorDocument(bool Healthy, IReadOnlyList<FindingReport> Findings);

/// <param name="File">Where it was written, or would be.</param>
/// <param name="Written"><c>false</c>: it is only shown.</param>
/// <param name="Notes">What a person should know of it.</param>
public sealed record InitDocument(string File, bool Written, string Stack, string Configuration, IReadOnlyList<string> Notes, IReadOnlyList<string> NextSteps);

public sealed record ErrorDocument(ErrorBody Error);

/// <param name="Code">A word for programs: <c>bad-request</c>, <c>unknown-stack</c>, <c>unknown-release</c>, <c>refused</c>, <c>stopping</c>, <c>failed</c>.</param>
public sealed record ErrorBody(string Code, string Message);

/// <summary>A line of a streamed answer: exactly one of these is set.</summary>
public sealed record StreamLine
{
    public ProgressLine? Progress { get; init; }

    public LogEntry? Log { get; init; }

    public OutcomeReport? Outcome { get; init; }

    public PlanReport? Plan { get; init; }

    public NotifyReport? Notified { get; init; }

    public ReloadReport? Reloaded { get; init; }

    public ErrorBody? Error { get; init; }
}

/// <summary>Who answers at a socket.</summary>
/// <param name="StateDirectory">What tells one agent of a host from another.</param>
/// <param name="Configuration">The file it was read from.</param>
public sealed record AgentIdentity(string Version, string StateDirectory, IReadOnlyList<string> Stacks, string? Configuration = null);

/// <param name="Force">Ignore quarantine and "no change".</param>
/// <param name="Reason">Why, for the audit.</param>
public sealed record DeployRequest(bool Force, string? Reason = null);

/// <param name="To">A release's number, or <c>null</c> for the one before the last known good.</param>
/// <param name="Reason">Why, for the audit.</param>
public sealed record RollbackRequest(int? To, string? Reason = null);

public sealed record SuspendRequest(string? Reason);

/// <summary>What everything that changes something takes.</summary>
/// <param name="Reason">Why, for the audit.</param>
public sealed record ReasonRequest(string? Reason);

/// <param name="Name">Letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>@</c>.</param>
/// <param name="Role"><c>read</c>, <c>operate</c> or <c>admin</c>.</param>
/// <param name="ExpiresAt"><c>null</c>: it does not end.</param>
/// <param name="Reason">Why, for the audit.</param>
public sealed record TokenRequest(string? Name, string? Role, DateTimeOffset? ExpiresAt, string? Reason = null);

/// <param name="Notifier"><c>null</c>: all.</param>
public sealed record NotifyTestRequest(string? Notifier, string? Reason = null);

/// <summary>The one way reports become JSON, on the command line and in the API: names are promised to scripts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(OutcomesDocument))]
[JsonSerializable(typeof(PlansDocument))]
[JsonSerializable(typeof(LogsDocument))]
[JsonSerializable(typeof(ConfigurationDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(InitDocument))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(StreamLine))]
[JsonSerializable(typeof(AgentIdentity))]
[JsonSerializable(typeof(DeployRequest))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(SuspendRequest))]
[JsonSerializable(typeof(NotifyTestRequest))]
[JsonSerializable(typeof(ReasonRequest))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokensReport))]
[JsonSerializable(typeof(NewTokenReport))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(StackStatus))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(NotifyReport))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(ProgramVersion))]
[JsonSerializable(typeof(HistoryReport))]
[JsonSerializable(typeof(ReleaseReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(StatsReport))]
[JsonSerializable(typeof(UnitChangeReport))]
[JsonSerializable(typeof(UnitStatusReport))]
public sealed partial class AgentJson : JsonSerializerContext
{
    /// <summary>With text as written: an apostrophe or an accent is no <c>\u0027</c>, since no browser reads this.</summary>
    public static AgentJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
