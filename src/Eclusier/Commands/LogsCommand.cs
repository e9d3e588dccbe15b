using System.CommandLine;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

internal static class LogsCommand
{
    public static Command Create(CommandFactory commands)
    {
        var stack = CommandFactory.Stack("A stack; may be left out when there is only one");
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until interrupted" };
        var lines = CommandFactory.Number("--lines", "How many lines to begin with", otherwise: 100, least: 0, most: 100_000);
        return commands.Command("logs", "Containers' output and the deployments' lines together", [stack, follow, lines], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("logs", readOnly: true, cancellationToken);
            var name = StackChoice.One(parsed.GetValue(stack), connection.Stacks);
            var follows = parsed.GetValue(follow);
            var entries = connection.Agent.LogsAsync(name, parsed.GetValue(lines), follows, cancellationToken);
            try
            {
                await WriteAsync(session, entries, follows);
            }
            catch (OperationCanceledException) when (follows && cancellationToken.IsCancellationRequested)
            {
                // seen enough
            }

            return ExitCodes.Done;
        });
    }

    private static async Task WriteAsync(Session session, IAsyncEnumerable<LogEntry> entries, bool follows)
    {
        if (session.AsJson && !follows)
        {
            var all = new List<LogEntry>();
            await foreach (var entry in entries)
            {
                all.Add(entry);
            }

            session.WriteJson(new LogsDocument(all), AgentJson.Readable.LogsDocument);
            return;
        }

        var width = 0;
        await foreach (var entry in entries)
        {
            if (session.AsJson)
            {
                session.WriteJson(entry, AgentJson.Readable.LogEntry);
                continue;
            }

            width = Math.Max(width, entry.Source.Length); // the names to come are not known: the column only ever widens
            session.Context.Terminal.Output.WriteLine($"{session.Times.Absolute(entry.At)} {entry.Source.PadRight(width)} | {PlainText.OneLine(entry.Text)}");
        }
    }
}
