using System.CommandLine;
using Eclusier.Core.Stacks;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>The commands that only tell.</summary>
internal static class ReportCommands
{
    private const string OrAll = "A stack; all when left out";

    public static Command Status(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrAll);
        return commands.Command("status", "What runs, what is healthy, and what comes next", [stack], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("status", readOnly: true, cancellationToken);
            var stacks = await connection.Agent.StatusAsync(OneOrAll(parsed.GetValue(stack), connection), cancellationToken);
            session.Answer(new StatusDocument(stacks), AgentJson.Readable.StatusDocument, () => new StatusView(session.Times).Of(stacks));
            return ExitCodes.Done;
        });
    }

    public static Command History(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrAll);
        var limit = CommandFactory.Number("--limit", "How many deployments and releases at most", otherwise: 20, least: 1, most: 1000);
        return commands.Command("history", "Deployments and releases, newest first", [stack, limit], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("history", readOnly: true, cancellationToken);
            var named = OneOrAll(parsed.GetValue(stack), connection);
            var history = await connection.Agent.HistoryAsync(named, parsed.GetValue(limit), cancellationToken);
            session.Answer(history, AgentJson.Readable.HistoryReport, () => new HistoryView(session.Times).Of(history, ofOneStack: named is not null));
            return ExitCodes.Done;
        });
    }

    public static Command Show(CommandFactory commands)
    {
        var release = new Argument<string>("RELEASE") { Description = "41, #41, shop/41 or shop#41" };
        var stack = new Option<string?>("--stack") { Description = "The release's stack; may be left out when there is only one", HelpName = "STACK" };
        return commands.Command("show", "A release in full: images, steps, evidence", [release, stack], async (session, parsed, cancellationToken) =>
        {
            var reference = ReleaseReference.Parse(parsed.GetRequiredValue(release));
            var named = parsed.GetValue(stack);
            if (named is not null && reference.Stack is not null && named != reference.Stack)
            {
                throw new UsageException($"{parsed.GetRequiredValue(release)} is not a release of {named}");
            }

            await using var connection = await session.ConnectAsync("show", readOnly: true, cancellationToken);
            var name = StackChoice.One(named ?? reference.Stack, connection.Stacks);
            var report = await connection.Agent.ShowAsync(name, reference.Number, cancellationToken)
                ?? throw new UsageException($"{name} has no release #{reference.Number}: `eclusier history {name}` lists them");
            session.Answer(report, AgentJson.Readable.ReleaseReport, () => new HistoryView(session.Times).Of(report));
            return ExitCodes.Done;
        });
    }

    public static Command Stats(CommandFactory commands) =>
        commands.Command("stats", "Deployments by result, today and within 7 days", [], async (session, _, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("stats", readOnly: true, cancellationToken);
            var stats = await connection.Agent.StatsAsync(cancellationToken);
            session.Answer(stats, AgentJson.Readable.StatsReport, () => new StatsView(session.Times).Of(stats));
            return ExitCodes.Done;
        });

    /// <returns><c>null</c>: all; but the only stack is shown as if it had been named.</returns>
    private static StackName? OneOrAll(string? named, AgentConnection connection) =>
        StackChoice.Some(named, connection.Stacks) is [var one] ? one : null;
}
