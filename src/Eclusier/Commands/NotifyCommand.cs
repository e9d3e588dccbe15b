using System.CommandLine;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier notify test</c>: whether messages arrive.</summary>
internal static class NotifyCommand
{
    public static Command Create(CommandFactory commands)
    {
        var notifier = new Argument<string?>("NAME") { Description = "A notifier; all when left out", Arity = ArgumentArity.ZeroOrOne };
        var test = commands.Command("test", "Send a test message, and show what becomes of it", [notifier], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("notify test", readOnly: true, cancellationToken);
            var report = await connection.Agent.TestNotifiersAsync(parsed.GetValue(notifier), cancellationToken);
            session.Answer(report, AgentJson.Readable.NotifyReport, () => NotifyView.Of(report));
            return report.Tests.All(result => result.Delivered) ? ExitCodes.Done : ExitCodes.Unknown;
        });
        return new Command("notify", "Who is told what happens") { test };
    }
}
