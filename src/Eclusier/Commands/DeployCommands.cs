using System.CommandLine;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>The commands that change what runs, or say what would change.</summary>
internal static class DeployCommands
{
    private const string OrTheOnlyOne = "A stack; may be left out when there is only one";
    private const string OrAll = "A stack; all when left out";

    public static Command Deploy(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrAll);
        var force = new Option<bool>("--force") { Description = "Ignore quarantine and \"no change\"" };
        var reason = Reason();
        return commands.Command("deploy", "Check and deploy now, and wait for the outcome", [stack, force, reason], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("deploy", readOnly: false, cancellationToken);
            var named = StackChoice.Some(parsed.GetValue(stack), connection.Stacks);
            var isForced = parsed.GetValue(force);
            var agent = connection.AgentFor(parsed.GetValue(reason));
            var outcomes = new List<OutcomeReport>();
            foreach (var name in named)
            {
                outcomes.Add(await TryAsync(
                    name,
                    () => agent.DeployAsync(name, isForced, session.ShowProgress, cancellationToken),
                    isAlone: named.Count == 1,
                    cancellationToken));
            }

            session.Answer(new OutcomesDocument(outcomes), AgentJson.Readable.OutcomesDocument, () => OutcomeView.Of(outcomes));
            return ExitCodes.Worst(outcomes.Select(outcome => ExitCodes.Of(outcome.Outcome)));
        });
    }

    public static Command Plan(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrAll);
        return commands.Command("plan", "What deploying would change and why; exit code 2 when something would", [stack], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("plan", readOnly: false, cancellationToken);
            var named = StackChoice.Some(parsed.GetValue(stack), connection.Stacks);
            var plans = new List<PlanReport>();
            var errors = new List<StackError>();
            var codes = new List<int>();
            foreach (var name in named)
            {
                try
                {
                    var plan = await connection.Agent.PlanAsync(name, session.ShowProgress, cancellationToken);
                    plans.Add(plan);
                    codes.Add(plan.HasChanges ? ExitCodes.Differences : ExitCodes.Done);
                }
                catch (Exception exception) when (named.Count > 1 && !cancellationToken.IsCancellationRequested) // one broken stack must not hide the others
                {
                    errors.Add(new StackError(name.Value, exception.Message));
                    codes.Add(exception is RequestException ? ExitCodes.Usage : ExitCodes.Unknown);
                }
            }

            session.Answer(new PlansDocument(plans, errors), AgentJson.Readable.PlansDocument, () => PlanView.Of(plans, errors));
            return ExitCodes.Worst(codes);
        });
    }

    public static Command RollBack(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrTheOnlyOne);
        var to = new Option<string?>("--to") { Description = "A committed release; the one before the last known good when left out", HelpName = "N" };
        var reason = Reason();
        return commands.Command("rollback", "Go back to a release and stay there until a newer commit", [stack, to, reason], (session, parsed, cancellationToken) =>
        {
            var release = parsed.GetValue(to) is { } text ? ReleaseReference.Parse(text) : null;
            var named = parsed.GetValue(stack) ?? release?.Stack;
            if (release?.Stack is { } its && its != named)
            {
                throw new UsageException($"{parsed.GetValue(to)} is not a release of {named}");
            }

            return OneAsync("rollback", session, named, parsed.GetValue(reason), (agent, name) => agent.RollBackAsync(
                name,
                release?.Number,
                session.ShowProgress,
                cancellationToken), cancellationToken);
        });
    }

    public static Command Retry(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrTheOnlyOne);
        var reason = Reason();
        return commands.Command("retry", "Free the quarantined release and try it once more", [stack, reason], (session, parsed, cancellationToken) =>
            OneAsync("retry", session, parsed.GetValue(stack), parsed.GetValue(reason), (agent, name) => agent.RetryAsync(name, session.ShowProgress, cancellationToken), cancellationToken));
    }

    public static Command Suspend(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrTheOnlyOne);
        var reason = new Option<string>("--reason") { Description = "Why, for whoever wonders later", HelpName = "TEXT", Required = true };
        reason.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value))
            {
                result.AddError("--reason is empty: say why, for whoever wonders later");
            }
        });
        return commands.Command("suspend", "Stop deploying a stack; its containers keep running", [stack, reason], (session, parsed, cancellationToken) =>
            OneAsync("suspend", session, parsed.GetValue(stack), null, (agent, name) => agent.SuspendAsync(name, parsed.GetRequiredValue(reason), cancellationToken), cancellationToken));
    }

    public static Command Resume(CommandFactory commands)
    {
        var stack = CommandFactory.Stack(OrTheOnlyOne);
        var reason = Reason();
        return commands.Command("resume", "Deploy a suspended stack again", [stack, reason], (session, parsed, cancellationToken) =>
            OneAsync("resume", session, parsed.GetValue(stack), parsed.GetValue(reason), (agent, name) => agent.ResumeAsync(name, cancellationToken), cancellationToken));
    }

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit", HelpName = "TEXT" };

    private static async Task<int> OneAsync(string purpose, Session session, string? named, string? reason, Func<IAgent, StackName, Task<OutcomeReport>> work, CancellationToken cancellationToken)
    {
        await using var connection = await session.ConnectAsync(purpose, readOnly: false, cancellationToken);
        var outcome = await work(connection.AgentFor(reason), StackChoice.One(named, connection.Stacks));
        session.Answer(new OutcomesDocument([outcome]), AgentJson.Readable.OutcomesDocument, () => OutcomeView.Of([outcome]));
        return ExitCodes.Of(outcome.Outcome);
    }

    /// <summary>Among several stacks, one that cannot be deployed has an outcome too: it must not keep the others from theirs.</summary>
    private static async Task<OutcomeReport> TryAsync(StackName stack, Func<Task<OutcomeReport>> work, bool isAlone, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (!isAlone && !cancellationToken.IsCancellationRequested)
        {
            return new OutcomeReport(stack.Value, exception is RequestException ? "rejected" : "unavailable", exception.Message, null);
        }
    }
}
