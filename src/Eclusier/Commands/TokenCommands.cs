using System.CommandLine;
using Eclusier.Adapters.Configuration;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Output;
using Words = Eclusier.Core.Deployments.Words;

namespace Eclusier.Commands;

/// <summary><c>eclusier token</c>: who may ask over the network.</summary>
internal static class TokenCommands
{
    public static Command Create(CommandFactory commands) => new("token", "Who may ask over the network, and for what") { Give(commands), List(commands), Revoke(commands) };

    private static Command Give(CommandFactory commands)
    {
        var name = Name("Whose it is, for the audit: ci, ann, phone");
        var role = new Option<string>("--role") { Description = "read: see everything; operate: also deploy and roll back; admin: also give tokens", HelpName = "read|operate|admin", Required = true };
        role.AcceptOnlyFromAmong([.. Enum.GetValues<Role>().Select(value => value.ToWord())]);
        var expires = new Option<string?>("--expires") { Description = "After how long it ends (90d, 12h); never when left out", HelpName = "DURATION" };
        return commands.Command("create", "Make a token, and print it: the only time it is shown", [name, role, expires], async (session, parsed, cancellationToken) =>
        {
            var end = EndOf(parsed.GetValue(expires), session.Context.TimeProvider);
            await using var connection = await session.ConnectAsync("token create", readOnly: true, cancellationToken);
            var token = await connection.Agent.CreateTokenAsync(parsed.GetRequiredValue(name), Words.Parse<Role>(parsed.GetRequiredValue(role)), end, cancellationToken);
            session.Context.Terminal.Say(
                $"{token.Name} may {Meaning(token.Role)}{(token.ExpiresAt is { } until ? $", until {session.Times.Absolute(until)}" : "")}; the token is shown this once:", Tone.Quiet);
            session.Answer(token, AgentJson.Readable.NewTokenReport, () => new Page().Heading(token.Text));
            return ExitCodes.Done;
        });
    }

    private static Command List(CommandFactory commands) => commands.Command("list", "The tokens there are", [], async (session, _, cancellationToken) =>
    {
        await using var connection = await session.ConnectAsync("token list", readOnly: true, cancellationToken);
        var report = await connection.Agent.TokensAsync(cancellationToken);
        session.Answer(report, AgentJson.Readable.TokensReport, () => new TokensView(session.Times).Of(report));
        return ExitCodes.Done;
    });

    private static Command Revoke(CommandFactory commands)
    {
        var name = Name("The token's name");
        return commands.Command("revoke", "Take a token away: it counts no more from now on", [name], async (session, parsed, cancellationToken) =>
        {
            await using var connection = await session.ConnectAsync("token revoke", readOnly: true, cancellationToken);
            var report = await connection.Agent.RevokeTokenAsync(parsed.GetRequiredValue(name), cancellationToken);
            session.Answer(report, AgentJson.Readable.TokensReport, () => new Page().Heading($"{parsed.GetRequiredValue(name)} is revoked"));
            return ExitCodes.Done;
        });
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static DateTimeOffset? EndOf(string? duration, TimeProvider timeProvider) =>
        duration is null ? null
        : Duration.TryParse(duration) is { Ticks: > 0 } validFor && validFor < TimeSpan.FromDays(36500) ? timeProvider.GetUtcNow() + validFor
        : throw new UsageException($"--expires takes a duration such as 90d or 12h, not '{duration}'");

    private static string Meaning(string role) => role switch
    {
        "read" => "see everything",
        "operate" => "see everything, deploy and roll back",
        _ => "do everything",
    };
}
