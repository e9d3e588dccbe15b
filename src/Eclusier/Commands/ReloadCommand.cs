using System.CommandLine;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier reload</c>: the daemon takes its configuration as it is now.</summary>
internal static class ReloadCommand
{
    public static Command Create(CommandFactory commands) =>
        commands.Command("reload", "Have the daemon take the configuration as it is now; one with mistakes is refused, and the one before stays", [], async (session, _, cancellationToken) =>
        {
            await using var daemon = await session.ConnectToDaemonAsync(cancellationToken);
            var report = await daemon.Agent.ReloadAsync(cancellationToken);
            foreach (var what in report.NeedsRestart)
            {
                session.Context.Terminal.Say($"warning: only a restart changes {what}", Tone.Warning);
            }

            session.Answer(report, AgentJson.Readable.ReloadReport, () => ReloadView.Of(report));
            return ExitCodes.Done;
        });
}
