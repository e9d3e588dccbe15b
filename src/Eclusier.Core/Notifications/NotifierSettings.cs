using Eclusier.Core.Stacks;

namespace Eclusier.Core.Notifications;

/// <summary>The services that can be told.</summary>
public enum NotifierType
{
    Discord,
    Slack,
    Teams,
    Mattermost,
    Telegram,
    Ntfy,
    Gotify,
    Matrix,
    Mail,
    Webhook,
}

/// <summary>Someone to tell.</summary>
/// <param name="On">What is told.</param>
public sealed record NotifierSettings(string Name, NotifierType Type, IReadOnlyList<EventKind> On)
{
    /// <summary>A webhook's address, or the server of a service that one runs oneself. Often a secret by itself.</summary>
    public SecretSource? Url { get; init; }

    /// <summary>Signs in: a bot's or application's token.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>Signs what a webhook gets.</summary>
    public SecretSource? Secret { get; init; }

    /// <summary>Where at the service: a chat of Telegram, a topic of ntfy, a room of Matrix.</summary>
    public string Place { get; init; } = "";

    public MailSettings? Mail { get; init; }
}

/// <summary>How mail is handed over.</summary>
public sealed record MailSettings(string Host, int Port, MailSecurity Security, string From, IReadOnlyList<string> To)
{
    /// <summary><c>null</c>: without signing in.</summary>
    public string? UserName { get; init; }

    public SecretSource? Password { get; init; }
}

/// <summary>How the connection to the mail server is encrypted.</summary>
public enum MailSecurity
{
    /// <summary>From plain text on, always: a server that cannot is refused.</summary>
    StartTls,

    /// <summary>From the first byte on.</summary>
    Tls,

    /// <summary>Not at all: for a server on this host.</summary>
    None,
}

/// <summary>Where the state of a stack's commits is shown at their forge.</summary>
/// <param name="ApiUrl">Where its API begins; <c>null</c>: what the repository's address tells.</param>
/// <param name="Context">The name under which the state stands beside those of CI.</param>
public sealed record CommitStatusSettings(ForgeType Type, SecretSource Token, Uri? ApiUrl, string Context)
{
    /// <summary>The outbox's name for it.</summary>
    public static string RecipientOf(StackName stack) => $"commit-status/{stack}";
}

/// <summary>Forges whose API is known.</summary>
public enum ForgeType
{
    Github,
    Gitlab,

    /// <summary>Forgejo too.</summary>
    Gitea,
}

/// <summary>A dead man's switch: a service that raises the alarm when it is no longer called.</summary>
/// <param name="Url">Called while all is well; with <c>/fail</c> behind it when not.</param>
public sealed record HeartbeatSettings(SecretSource Url, TimeSpan Interval);
