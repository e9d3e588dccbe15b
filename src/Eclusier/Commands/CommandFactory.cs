using System.CommandLine;
using System.CommandLine.Completions;
using Eclusier.Api;
using Eclusier.Core.Stacks;

namespace Eclusier.Commands;

/// <summary>Makes commands that share the options of all, and the arguments of many.</summary>
internal sealed class CommandFactory(CommandContext context)
{
    private const string Text = "text";
    private const string Json = "json";
    private const string StackArgument = "STACK";

    /// <summary>Somebody waits with a finger on the tabulator.</summary>
    private static readonly TimeSpan SuggestionTime = TimeSpan.FromSeconds(1);

    public Option<string> ConfigurationOption { get; } = new("--config")
    {
        Description = "The configuration file",
        HelpName = "FILE",
        Recursive = true,
        DefaultValueFactory = _ => context.DefaultConfiguration,
    };

    public Option<string> OutputOption { get; } = OutputChoice();

    public static Argument<string?> Stack(string description)
    {
        var argument = new Argument<string?>(StackArgument)
        {
            Description = description,
            Arity = ArgumentArity.ZeroOrOne,
        };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && IsOption(token.Value)) // else a mistyped option would pass for a name
            {
                result.AddError($"there is no option '{token.Value}'");
            }
        });
        return argument;
    }

    /// <summary>What was taken for a stack's name, but looks like an option.</summary>
    public static string? MistakenOption(ParseResult parsed) => parsed.Tokens.Select(token => token.Value).FirstOrDefault(value =>
        IsOption(value) && parsed.Errors.Any(error => error.Message.EndsWith($"'{value}'", StringComparison.Ordinal)));

    private static bool IsOption(string value) => value.StartsWith('-');

    /// <summary>A whole number.</summary>
    public static Option<int> Number(string name, string description, int otherwise, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
        };
        option.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} takes a whole number from {least} to {most}, not '{result.Tokens[0].Value}'");
            return otherwise;
        };
        return option;
    }

    public Command Command(string name, string description, IReadOnlyList<Symbol> symbols, Func<Session, ParseResult, CancellationToken, Task<int>> work)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                if (argument.Name == StackArgument)
                {
                    argument.HelpName = StackArgument; // else the help lists what is suggested
                    argument.CompletionSources.Add(Suggest);
                }

                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var session = SessionFor(parsed);
            return CommandLine.GuardAsync(session, () => work(session, parsed, cancellationToken), cancellationToken);
        });
        return command;
    }

    /// <summary>What carries out a command line: as the options that all commands share say.</summary>
    public Session SessionFor(ParseResult parsed) => new(
        context,
        parsed.GetRequiredValue(ConfigurationOption),
        isConfigurationGiven: parsed.GetResult(ConfigurationOption) is { Implicit: false },
        asJson: parsed.GetRequiredValue(OutputOption) == Json);

    /// <summary>The configured stacks, for a shell to complete; where the file may not be read, the daemon's.</summary>
    private IEnumerable<CompletionItem> Suggest(CompletionContext typed)
    {
        var reading = context.ReadConfiguration(typed.ParseResult.GetRequiredValue(ConfigurationOption));
        var stacks = reading.Settings?.Stacks.Select(stack => stack.Name) ?? FindDaemonsStacks();
        return stacks.Select(stack => new CompletionItem(stack.Value));
    }

    private IReadOnlyList<StackName> FindDaemonsStacks()
    {
        using var deadline = new CancellationTokenSource(SuggestionTime, context.TimeProvider);
        try
        {
            return new AgentConnector(context.OpenLocalAgent, context.TimeProvider, context.RunSocket).FindDaemonAsync(deadline.Token).GetAwaiter().GetResult()?.Stacks ?? [];
        }
        catch (Exception exception) when (exception is DaemonException or OperationCanceledException)
        {
            return []; // a suggestion is no place for an error
        }
    }

    private static Option<string> OutputChoice()
    {
        var option = new Option<string>("--output")
        {
            Description = "How to answer",
            HelpName = $"{Text}|{Json}",
            Recursive = true,
            DefaultValueFactory = _ => Text,
        };
        option.AcceptOnlyFromAmong(Text, Json);
        return option;
    }
}
