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
        var stacks = reading.Settings?.Stacks.Select(stack => stack.Name.Value).ToList() ?? [];
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
            new ConfigurationDocument(session.Configuration, reading.Settings is not null, stacks, reading.Problems, reading.Warnings),
            AgentJson.Readable.ConfigurationDocument,
            () => reading.Settings is not null
                ? new Page().Heading($"{session.Configuration} is valid; stacks: {(stacks.Count > 0 ? string.Join(", ", stacks) : "none")}")
                : new Page());
        return reading.Settings is not null ? ExitCodes.Done : ExitCodes.Usage;
    }
}
