using System.CommandLine;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier audit</c>: who had what done.</summary>
internal static class AuditCommand
{
    public static Command Create(CommandFactory commands)
    {
        var limit = CommandFactory.Number("--limit", "How many lines at most", otherwise: 50, least: 1, most: 1000);
        return commands.Command("audit", "Who had what done, from where and why, newest first", [limit], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("audit", readOnly: true, cancellationToken);
            var report = await connection.Agent.AuditAsync(parsed.GetValue(limit), cancellationToken);
            session.Answer(report, AgentJson.Readable.AuditReport, () => new AuditView(session.Times).Of(report));
            return ExitCodes.Done;
        });
    }
}
