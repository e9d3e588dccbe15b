using System.CommandLine;
using Eclusier.Output;

namespace Eclusier.Commands;

internal static class ConfigCommands
{
    public static Command Create(CommandFactory commands) => new("config", "The configuration file")
    {
        commands.Command("check", "Say whether the configuration can be used, and what is wrong with it", [], (session, _, _) => Task.FromResult(Check(session))),
        commands.Command("schema", "Print its JSON Schema, for editors", [], (session, _, _) =>
        {
            session.Context.Terminal.Output.WriteLine(session.Context.ConfigurationSchema().TrimEnd());
            return Task.FromResult(ExitCodes.Done);
        }),
    };

    private static int Check(Session session)
    {
        var reading = session.Context.ReadConfiguration(session.Configuration);
        var document = ConfigurationDocument.Of(session.Configuration, reading);
        var terminal = session.Context.Terminal;
        foreach (var problem in reading.Problems)
        {
            terminal.Say(problem, Tone.Bad);
        }

        foreach (var warning in reading.Warnings)
        {
            terminal.Say($"warning: {warning}", Tone.Warning);
        }

        session.Answer(
            document,
            AgentJson.Readable.ConfigurationDocument,
            () => document.Valid
                ? new Page().Heading($"{session.Configuration} is valid; stacks: {(document.Stacks.Count > 0 ? string.Join(", ", document.Stacks) : "none")}")
                : new Page());
        return document.Valid ? ExitCodes.Done : ExitCodes.Usage;
    }
}
