using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Eclusier.Api;
using Eclusier.Core.Deployments;
using Eclusier.Operations;
using Eclusier.Output;
using Eclusier.Service;

namespace Eclusier.Commands;

/// <summary>The program as typed: its commands, and what becomes of their errors.</summary>
public static class CommandLine
{
    private const string ProgramName = "eclusier";

    /// <summary>Carries out a command line; cancel <paramref name="cancellationToken"/> to interrupt it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandContext context, CancellationToken cancellationToken)
    {
        // an `@` begins no file of further arguments here: it may begin a reason
        var parsed = Build(context).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            return Misunderstood(parsed, context.Terminal);
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = context.Terminal.Output,
                Error = context.Terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // its default ends the process 2 s after a signal, be it rolling back
            },
            cancellationToken);
    }

    /// <summary>The commands with their options.</summary>
    public static RootCommand Build(CommandContext context)
    {
        var commands = new CommandFactory(context);
        var root = new RootCommand("Keeps Docker Compose stacks in step with git: a commit passes only when it is healthy.")
        {
            MonitorCommand.Create(commands),
            DeployCommands.Deploy(commands),
            DeployCommands.Plan(commands),
            ReportCommands.Status(commands),
            ReportCommands.History(commands),
            ReportCommands.Show(commands),
            DeployCommands.RollBack(commands),
            DeployCommands.Suspend(commands),
            DeployCommands.Resume(commands),
            DeployCommands.Retry(commands),
            LogsCommand.Create(commands),
            ReportCommands.Stats(commands),
            NotifyCommand.Create(commands),
            TokenCommands.Create(commands),
            AuditCommand.Create(commands),
            ConfigCommands.Create(commands),
            ReloadCommand.Create(commands),
            ServiceCommands.Create(commands),
            CompletionCommand.Create(commands),
            DoctorCommand.Create(commands),
            InitCommand.Create(commands),
            VersionCommand.Create(commands),
        };
        root.HelpName = ProgramName;
        root.Options.Add(commands.ConfigurationOption);
        root.Options.Add(commands.OutputOption);
        root.Add(ManualCommand.Create(commands, () => root));
        root.Options[root.Options.IndexOf(root.Options.OfType<HelpOption>().Single())] = new HelpOption("--help", "-h"); // no `-?` and `/?` among what a shell suggests
        root.Options.OfType<VersionOption>().Single().Action = VersionCommand.Option(commands);
        return root;
    }

    /// <summary>Does the work; the one place where exceptions become sentences and exit codes.</summary>
    internal static async Task<int> GuardAsync(Session session, Func<Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (UsageException exception)
        {
            return session.Fail(ExitCodes.Usage, "usage", exception.Message);
        }
        catch (RequestException exception)
        {
            return session.Fail(ExitCodes.Usage, "refused", exception.Message);
        }
        catch (ServiceException exception)
        {
            return session.Fail(ExitCodes.Usage, "refused", exception.Message);
        }
        catch (AgentBusyException exception)
        {
            return session.Fail(ExitCodes.Blocked, "busy", exception.Message);
        }
        catch (DaemonException exception)
        {
            return session.Fail(ExitCodes.Unknown, "unavailable", exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return session.Fail(ExitCodes.Unknown, "interrupted", "interrupted; what the daemon has begun goes on: see `eclusier status`");
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            return session.Fail(ExitCodes.Usage, "rejected", exception.Message);
        }
        catch (Exception exception)
        {
            return session.Fail(ExitCodes.Unknown, "failed", exception.Message);
        }
    }

    private static int Misunderstood(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        foreach (var error in command.Subcommands.Count > 0 && unknown is not null
            ? [$"there is no command '{unknown}'"]
            : parsed.Errors.Select(error => error.Message).Distinct())
        {
            terminal.Say($"error: {error}", Tone.Bad);
        }

        var words = command.Subcommands.Select(subcommand => subcommand.Name).Concat(command.Options.Select(option => option.Name));
        if ((unknown ?? CommandFactory.MistakenOption(parsed)) is { } word && Nearest.To(word, words) is { } guess)
        {
            terminal.Say($"did you mean '{guess}'?");
        }

        terminal.Say($"'{string.Join(' ', Path(parsed.CommandResult))} --help' shows what is possible");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(CommandResult result) =>
        result.Parent is CommandResult parent ? Path(parent).Append(result.Command.Name) : [ProgramName];
}
