using System.CommandLine;
using System.Text;

namespace Eclusier.Output;

/// <summary>The man page, in the language of man(7).</summary>
internal sealed class ManualPage
{
    private static readonly (string Code, string Meaning)[] ExitStatus =
    [
        ("0", "Done, or nothing to do."),
        ("1", "The command line or the configuration is wrong, or what was asked for cannot be done."),
        ("2", "There are differences (plan)."),
        ("3", "The deployment failed and was rolled back, or left as it is."),
        ("4", "Blocked: suspended, in quarantine, or another agent has the lock."),
        ("5", "Something did not answer, or is waited for."),
        ("6", "The deployment failed, and so did rolling back."),
    ];

    private static readonly (string Path, string Meaning)[] Files =
    [
        ("/etc/eclusier/eclusier.yaml", "The configuration."),
        ("/etc/eclusier/environment", "Variables of the service, a line NAME=value each."),
        ("/run/eclusier/eclusier.sock", "Where the daemon answers; if not there, in the state folder."),
        ("/var/lib/eclusier", "The state folder."),
    ];

    private readonly StringBuilder text = new();

    private ManualPage() { }

    public static string Of(Command root)
    {
        var page = new ManualPage();
        page.Write(root);
        return page.text.ToString();
    }

    private void Write(Command root)
    {
        Macro("TH", "ECLUSIER", "1", "", "Eclusier", "Eclusier's manual");
        Macro("SH", "NAME");
        Line($"eclusier \\- keeps Docker Compose stacks in step with git");
        Macro("SH", "SYNOPSIS");
        Line(@"\fBeclusier\fR \fIcommand\fR [\fIargument\fR \fB.\|.\|.\fR] [\fIoption\fR \fB.\|.\|.\fR]");
        Macro("SH", "DESCRIPTION");
        Line(Plain(root.Description));
        Line(Plain("The daemon is the command monitor, as a rule run by systemd (service install). The other commands ask the running daemon, or do the work themselves where none runs. Data goes to the standard output, everything else to the standard error."));
        Macro("SH", "COMMANDS");
        foreach (var command in Leaves(root, ""))
        {
            Write(command.Path, command.Command);
        }

        Macro("SH", "OPTIONS OF ALL COMMANDS");
        Write(root.Options.Where(option => option is not VersionOption));
        Macro("SH", "EXIT STATUS");
        WriteTable(ExitStatus);
        Macro("SH", "FILES");
        WriteTable(Files);
        Macro("SH", "SEE ALSO");
        Line(@"\fBdocker\fR(1), \fBgit\fR(1), \fBsystemctl\fR(1), \fBjournalctl\fR(1)");
    }

    private void Write(string path, Command command)
    {
        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}");
        Macro("SS", $"eclusier {path}{string.Concat(arguments)}");
        Line(Plain(Sentence(command.Description)));
        foreach (var argument in command.Arguments)
        {
            Item($@"\fI{Plain(argument.Name)}\fR", argument.Description);
        }

        Write(command.Options);
    }

    private void Write(IEnumerable<Option> options)
    {
        foreach (var option in options.Where(option => !option.Hidden))
        {
            var names = string.Join(", ", new[] { option.Name }.Concat(option.Aliases).Select(name => $@"\fB{Plain(name)}\fR"));
            var value = option.ValueType == typeof(bool) || option.ValueType == typeof(void) ? "" : $@" \fI{Plain(option.HelpName ?? "VALUE")}\fR";
            var otherwise = option is { HasDefaultValue: true } && value.Length > 0 && option.GetDefaultValue() is { } known ? $" (default: {known})" : "";
            Item(names + value, $"{option.Description?.TrimEnd('.')}{otherwise}");
        }
    }

    private void WriteTable(IEnumerable<(string Key, string Meaning)> rows)
    {
        foreach (var (key, meaning) in rows)
        {
            Item($@"\fB{Plain(key)}\fR", meaning);
        }
    }

    private void Item(string head, string? description)
    {
        Macro("TP");
        Line(head);
        Line(Plain(Sentence(description)));
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command parent, string path) => parent.Subcommands.Where(command => !command.Hidden).SelectMany(command =>
        command.Subcommands.Count > 0 ? Leaves(command, $"{path}{command.Name} ") : [($"{path}{command.Name}", command)]);

    private static string Sentence(string? text) => string.IsNullOrEmpty(text) ? "" : $"{text.TrimEnd('.')}.";

    /// <summary>Text in which nothing is a command of the formatter.</summary>
    private static string Plain(string? words)
    {
        var plain = (words ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("…", "\\|.\\|.\\|.", StringComparison.Ordinal);
        return plain is ['.' or '\'', ..] ? $"\\&{plain}" : plain;
    }

    private void Macro(string name, params string[] arguments) =>
        Line($".{name}{string.Concat(arguments.Select(argument => $" \"{Plain(argument).Replace("\"", "\\(dq", StringComparison.Ordinal)}\""))}");

    private void Line(string line) => text.Append(line).Append('\n');
}
