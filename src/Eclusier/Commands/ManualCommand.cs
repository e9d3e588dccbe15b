using System.CommandLine;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier manual</c>: the man page, made from the commands themselves. For who makes packages, so it is not shown.</summary>
internal static class ManualCommand
{
    /// <param name="root">All commands; asked for when the page is made.</param>
    public static Command Create(CommandFactory commands, Func<Command> root)
    {
        var command = commands.Command("manual", "Print the man page", [], (session, _, _) =>
        {
            session.Context.Terminal.Output.Write(ManualPage.Of(root()));
            return Task.FromResult(ExitCodes.Done);
        });
        command.Hidden = true;
        return command;
    }
}
