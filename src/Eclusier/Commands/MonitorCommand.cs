using System.CommandLine;

namespace Eclusier.Commands;

internal static class MonitorCommand
{
    public static Command Create(CommandFactory commands)
    {
        var once = new Option<bool>("--once") { Description = "One pass over every stack, then exit" };
        return commands.Command("monitor", "The daemon: watch every stack until stopped", [once], (session, parsed, cancellationToken) =>
            session.Context.RunMonitor(session.ReadSettings(), session.Configuration, parsed.GetValue(once), cancellationToken));
    }
}
