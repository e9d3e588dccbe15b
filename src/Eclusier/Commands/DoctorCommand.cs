using System.CommandLine;
using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier doctor</c>: everything that a deployment depends on, looked at without changing anything.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFactory commands)
    {
        var notify = new Option<bool>("--notify") { Description = "Also send a test message to each notifier" };
        return commands.Command("doctor", "Check what deployments depend on, and say what to do; exit code 1 when there is a problem", [notify], async (session, parsed, cancellationToken) =>
        {
            var context = session.Context;
            var reading = context.ReadConfiguration(session.Configuration);
            var findings = new List<CheckResult>(OfConfiguration(session.Configuration, reading));
            IReadOnlyList<Check> more = reading.Settings is { } settings
                ? [new DaemonCheck(settings, context.Version.Version, context.RunSocket, context.TimeProvider), new NotifiersCheck(settings.Notifiers.Count, parsed.GetValue(notify) ? token => SendAsync(session, token) : null)]
                : [];
            findings.AddRange(await context.Examine(reading.Settings, session.Configuration, more, context.TimeProvider, cancellationToken));

            var healthy = findings.All(finding => finding.Level != CheckLevel.Problem);
            var reports = findings.Select(finding => new FindingReport(finding.Check, finding.Subject, finding.Level.ToWord(), finding.Message, finding.Remedy)).ToList();
            session.Answer(new DoctorDocument(healthy, reports), AgentJson.Readable.DoctorDocument, () => DoctorView.Of(reports));
            return healthy ? ExitCodes.Done : ExitCodes.Usage;
        });
    }

    private static IEnumerable<CheckResult> OfConfiguration(string file, ConfigurationReading reading)
    {
        foreach (var problem in reading.Problems)
        {
            yield return new CheckResult("configuration", file, CheckLevel.Problem, problem, File.Exists(file) ? "put it right; `eclusier config check` looks again" : "`eclusier init` writes one from a clone or a running project");
        }

        foreach (var warning in reading.Warnings)
        {
            yield return new CheckResult("configuration", file, CheckLevel.Warning, warning, "docs/configuration.md has every key");
        }

        if (reading.Settings is { } settings && reading.Warnings.Count == 0)
        {
            yield return new CheckResult("configuration", file, CheckLevel.Ok, $"valid; stacks: {string.Join(", ", settings.Stacks.Select(stack => stack.Name))}", null);
        }
    }

    private static async Task<NotifyReport> SendAsync(Session session, CancellationToken cancellationToken)
    {
        await using var connection = await session.ConnectAsync("doctor", readOnly: true, cancellationToken);
        return await connection.Agent.TestNotifiersAsync(notifier: null, cancellationToken);
    }
}
