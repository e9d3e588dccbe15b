using System.CommandLine;
using System.CommandLine.Invocation;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier version</c>, and <c>--version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(CommandFactory commands) => commands.Command("version", "Print the program's version, its commit and that commit's date", [], (session, _, _) => Task.FromResult(Tell(session)));

    /// <summary>What the option does, instead of telling the entry assembly's version, whoever that is.</summary>
    public static CommandLineAction Option(CommandFactory commands) => new TellVersion(commands);

    private static int Tell(Session session)
    {
        var version = session.Context.Version;
        session.Answer(version, AgentJson.Readable.ProgramVersion, () => VersionView.Of(version));
        return ExitCodes.Done;
    }

    private sealed class TellVersion(CommandFactory commands) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => Tell(commands.SessionFor(parseResult));
    }
}
