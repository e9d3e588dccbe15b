using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>notifiers.&lt;name&gt;</c>.</summary>
internal static partial class NotifierKeys
{
    public static readonly Key<NotifierType> Type = new("type", new ChoiceFormat<NotifierType>([.. Enum.GetValues<NotifierType>().Select(type => (type.ToWord(), type))]))
    {
        IsRequired = true,
        Description = "The service that is told. `webhook` posts JSON to any address (docs/notifications.md).",
        Example = "type: discord",
    };

    public static readonly Key<Secret> Url = new("url", new SecretFormat("an http:// or https:// URL", NotAUrl))
    {
        Description = """
            Where messages are posted; for `ntfy`, `gotify`, `matrix` and `telegram` the server (left out: ntfy.sh, Telegram's own). Such an address
            usually is a secret by itself: give it through `${NAME}`, or use `url_file`.
            """,
        Example = "url: ${DISCORD_URL}",
    };

    public static readonly Key<string> UrlFile = new("url_file", new HostFileFormat("a file that holds the URL"))
    {
        Description = "A file that holds the address. It is read each time it is needed, so a replaced file counts at once.",
        Example = "url_file: /etc/eclusier/discord.url",
    };

    public static readonly Key<Secret> Token = new("token", new SecretFormat("a token"))
    {
        Description = "Signs in: the bot's token of Telegram, the application's of Gotify, an access token of Matrix or ntfy. Better given by `token_file`.",
        Example = "token: ${TELEGRAM_TOKEN}",
    };

    public static readonly Key<string> TokenFile = new("token_file", new HostFileFormat("a file that holds the token"))
    {
        Description = "A file that holds the token.",
        Example = "token_file: /etc/eclusier/telegram.token",
    };

    public static readonly Key<Secret> SigningSecret = new("secret", new SecretFormat("a secret"))
    {
        Description = "Signs what the webhook gets, so that its receiver knows where it comes from. Better given by `secret_file`.",
        Example = "secret: ${WEBHOOK_SECRET}",
    };

    public static readonly Key<string> SecretFile = new("secret_file", new HostFileFormat("a file that holds the secret"))
    {
        Description = "A file that holds the secret.",
        Example = "secret_file: /etc/eclusier/webhook.secret",
    };

    public static readonly Key<string> Chat = new("chat", new TextFormat("a chat's number or @name"))
    {
        Description = "The chat of Telegram: its number (groups have negative ones), or a channel's `@name`.",
        Example = "chat: \"-1001234567890\"",
    };

    public static readonly Key<string> Topic = new("topic", new TextFormat("a topic: letters, digits, '-' and '_', at most 64", TopicRule()))
    {
        Description = "The topic of ntfy. On a server without sign-in, whoever knows it reads it.",
        Example = "topic: koprogo-deployments",
    };

    public static readonly Key<string> Room = new("room", new TextFormat("a room's id such as !abc:example.org", RoomRule()))
    {
        Description = "The room of Matrix, by its id; the account of the token must be in it. The room must not be encrypted.",
        Example = "room: \"!abcdefg:example.org\"",
    };

    public static readonly Key<string> Host = new("host", new TextFormat("a mail server's name or address", HostRule()))
    {
        Description = "The mail server.",
        Example = "host: smtp.example.org",
    };

    public static readonly DefaultedKey<int> Port = new("port", new WholeNumberFormat(1, 65535), "587")
    {
        Description = "The mail server's port: 587 with `starttls`, 465 with `tls`.",
        Example = "port: 465",
    };

    public static readonly DefaultedKey<MailSecurity> Security = new(
        "security", new ChoiceFormat<MailSecurity>(("starttls", MailSecurity.StartTls), ("tls", MailSecurity.Tls), ("none", MailSecurity.None)), "starttls")
    {
        Description = "How the connection to the mail server is encrypted; its certificate is always verified. `none` is for a server on this host.",
        Example = "security: tls",
    };

    public static readonly Key<string> UserName = new("username", new TextFormat("a user name"))
    {
        Description = "Signs in at the mail server.",
        Example = "username: eclusier@example.org",
    };

    public static readonly Key<Secret> Password = new("password", new SecretFormat("a password"))
    {
        Description = "Signs in at the mail server. Better given by `password_file`.",
        Example = "password: ${MAIL_PASSWORD}",
    };

    public static readonly Key<string> PasswordFile = new("password_file", new HostFileFormat("a file that holds the password"))
    {
        Description = "A file that holds the password.",
        Example = "password_file: /etc/eclusier/mail.password",
    };

    public static readonly Key<string> From = new("from", AddressFormat())
    {
        Description = "Who the mail is from.",
        Example = "from: eclusier@example.org",
    };

    public static readonly Key<IReadOnlyList<string>> To = new("to", new ListFormat<string>("mail addresses", AddressFormat()) { MayBeEmpty = false })
    {
        Description = "Who gets it.",
        Example = "to: [ops@example.org]",
    };

    public static readonly DefaultedKey<IReadOnlyList<EventKind>> On = new(
        "on",
        new ListFormat<EventKind>("events", new ChoiceFormat<EventKind>([.. Events().Select(kind => (kind.ToWord(), kind))])) { MayBeEmpty = false },
        "[failed, rolled-back, recovered, committed]")
    {
        Description = """
            Which events are told: `failed` (a release failed and was left as it is; `rollback-failed` too), `rolled-back`, `rollback-failed`,
            `quarantined` (a release is not tried again until it changes), `recovered` (good again after something bad that was told), `committed`
            (a release became the last known good), `rejected` (a commit's files, or the stack's address or credentials are wrong), `expired` (an
            image did not come in time), `waiting` (something that is tried again by itself lasts long), `drift` (the host left the release without
            a git change), `suspended` (by a person or by Eclusier), `resumed`, `agent-started`, `database-rebuilt`. What concerns several of them
            is told once.
            """,
        Example = "on: [failed, rolled-back, recovered, committed]",
    };

    private static readonly Key[] Address = [Url, UrlFile];
    private static readonly Key[] TokenKeys = [Token, TokenFile];

    public static readonly Group<NotifierSettings> Group = new(
        "a notifier",
        [Type, Url, UrlFile, Token, TokenFile, SigningSecret, SecretFile, Chat, Topic, Room, Host, Port, Security, UserName, Password, PasswordFile, From, To, On],
        [
            new KeyRule.OneOf(IsRequired: false, Url, UrlFile),
            new KeyRule.OneOf(IsRequired: false, Token, TokenFile),
            new KeyRule.OneOf(IsRequired: false, SigningSecret, SecretFile),
            new KeyRule.OneOf(IsRequired: false, Password, PasswordFile),
            new KeyRule.OnlyWith(Password, UserName),
            new KeyRule.OnlyWith(PasswordFile, UserName),
            new KeyRule.ByWord(
                Type,
                reading => reading.FindValue(Type)?.ToWord(),
                [On],
                new("discord", [Address], []),
                new("slack", [Address], []),
                new("teams", [Address], []),
                new("mattermost", [Address], []),
                new("telegram", [TokenKeys, [Chat]], Address),
                new("ntfy", [[Topic]], [.. Address, .. TokenKeys]),
                new("gotify", [Address, TokenKeys], []),
                new("matrix", [Address, TokenKeys, [Room]], []),
                new("mail", [[Host], [From], [To]], [Port, Security, UserName, Password, PasswordFile]),
                new("webhook", [Address], [SigningSecret, SecretFile])),
        ],
        Build);

    /// <summary>A secret that the file gives, or names a file of.</summary>
    public static SecretSource? SecretOf(GroupReading reading, Key<Secret> value, Key<string> file) =>
        reading.Find(value) is { } secret ? new SecretSource.Value(secret)
        : reading.Find(file) is { } path ? new SecretSource.File(path)
        : null;

    public static string? NotAUrl(string text) => HttpUrlFormat.TryParse(text) is null ? "expected an http:// or https:// URL" : null;

    private static EventKind[] Events() =>
    [
        EventKind.Failed, EventKind.RolledBack, EventKind.RollbackFailed, EventKind.Quarantined, EventKind.Recovered, EventKind.Committed, EventKind.Rejected, EventKind.Expired,
        EventKind.Waiting, EventKind.Drift, EventKind.Suspended, EventKind.Resumed, EventKind.AgentStarted, EventKind.DatabaseRebuilt,
    ];

    private static NotifierSettings? Build(GroupReading reading) => reading.FindValue(Type) is not { } type ? null : new NotifierSettings(reading.Field.Name, type, reading.Value(On))
    {
        Url = SecretOf(reading, Url, UrlFile),
        Token = SecretOf(reading, Token, TokenFile),
        Secret = SecretOf(reading, SigningSecret, SecretFile),
        Place = reading.Find(Chat) ?? reading.Find(Topic) ?? reading.Find(Room) ?? "",
        Mail = reading.Find(Host) is { } host && reading.Find(From) is { } from && reading.Find(To) is { } to
            ? new MailSettings(host, reading.Value(Port), reading.Value(Security), from, to) { UserName = reading.Find(UserName), Password = SecretOf(reading, Password, PasswordFile) }
            : null,
    };

    private static TextFormat AddressFormat() => new("a mail address such as ops@example.org", MailAddressRule());

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex TopicRule();

    [GeneratedRegex(@"^![^\s:]+(:[^\s]+)?$")]
    private static partial Regex RoomRule();

    [GeneratedRegex(@"^[A-Za-z0-9.:\[\]-]+$")]
    private static partial Regex HostRule();

    [GeneratedRegex(@"^[^\s@<>,;]+@[^\s@<>,;]+$")]
    private static partial Regex MailAddressRule();
}
