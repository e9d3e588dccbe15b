using System.CommandLine;
using Eclusier.Adapters.Proposals;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary><c>eclusier init</c>: a configuration from what is on the host.</summary>
internal static class InitCommand
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead; // it holds no secret

    public static Command Create(CommandFactory commands)
    {
        var directory = new Argument<string?>("DIRECTORY") { Description = "A clone, or a folder in it; the current folder when left out", Arity = ArgumentArity.ZeroOrOne };
        var project = new Option<string?>("--project") { Description = "A running Compose project, as `docker compose ls` calls it", HelpName = "NAME" };
        var set = new Option<string[]>("--set") { Description = "A key of the stack (or `name`, `state_dir`) and its value: branch=main, auth.token_file=/etc/eclusier/shop.token; may be repeated", HelpName = "KEY=VALUE" };
        set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=') < 1))
            {
                result.AddError($"--set takes KEY=VALUE, not '{token.Value}'");
            }
        });
        var yes = new Option<bool>("--yes") { Description = "Ask nothing; what cannot be seen must be said by options" };
        var file = new Option<string?>("--output-file") { Description = "Where to write it, `-` for the standard output; the configuration file (--config) when left out", HelpName = "FILE" };
        return commands.Command("init", "Write a configuration from a clone or a running project; nothing else is changed", [directory, project, set, yes, file], async (session, parsed, cancellationToken) =>
        {
            var target = parsed.GetValue(file) is "-" ? "-" : Path.GetFullPath(parsed.GetValue(file) ?? session.Configuration);
            var settings = (parsed.GetValue(set) ?? []).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0].Trim(), pair[1].Trim())).ToList();
            var request = new ProposalRequest(
                parsed.GetValue(directory), parsed.GetValue(project), settings, target == "-" ? session.Configuration : target, parsed.GetValue(yes) ? null : session.Context.Ask);
            var proposal = await session.Context.Propose(request, session.Context.TimeProvider, cancellationToken);
            var isWritten = target != "-" && TryWrite(target, proposal.Text);
            Answer(session, target, isWritten, proposal);
            return isWritten || target == "-"
                ? ExitCodes.Done
                : session.AsJson ? ExitCodes.Usage : session.Fail(ExitCodes.Usage, "exists", $"{target} exists and was left as it is: add what is printed above under its `stacks:`");
        });
    }

    /// <returns><c>false</c>: there is such a file.</returns>
    private static bool TryWrite(string path, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        if (File.Exists(path))
        {
            return false;
        }

        using var written = new StreamWriter(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ReadableByAll });
        written.Write(text);
        return true;
    }

    private static void Answer(Session session, string target, bool isWritten, Proposal proposal)
    {
        var with = target == session.Context.DefaultConfiguration || target == "-" ? "" : $" --config {target}";
        IReadOnlyList<string> next = [$"eclusier config check{with}", $"eclusier doctor{with}", $"eclusier plan{with}", $"eclusier service install{with}"];
        if (session.AsJson)
        {
            session.WriteJson(new InitDocument(target, isWritten, proposal.Stack, isWritten || target == "-" ? proposal.Text : proposal.StackText, proposal.Notes, next), AgentJson.Readable.InitDocument);
            return;
        }

        var terminal = session.Context.Terminal;
        foreach (var note in proposal.Notes)
        {
            terminal.Say($"note: {string.Join('\n', PlainText.Lines(note))}", Tone.Warning);
        }

        if (!isWritten)
        {
            terminal.Output.Write(target == "-" ? proposal.Text : proposal.StackText);
            return;
        }

        terminal.Show(new Page().Heading($"{target} is written: stack {proposal.Stack}").Gap().Facts(
        [
            new Fact("check it", new Cell(next[0], Tone.Strong)),
            new Fact("what a deployment needs", new Cell(next[1], Tone.Strong)),
            new Fact("what would change", new Cell(next[2], Tone.Strong)),
            new Fact("let it watch", new Cell(next[3], Tone.Strong)),
        ]));
    }
}
