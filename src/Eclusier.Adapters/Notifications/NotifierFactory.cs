using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Notifications;

/// <summary>Makes of the configuration those who can be told. They hold nothing but their settings until there is something to tell.</summary>
public sealed class NotifierFactory(MessageSender sender, TimeProvider timeProvider)
{
    /// <summary>Everyone that the outbox can have something for, by the outbox's name.</summary>
    public Dictionary<string, INotifier> CreateAll(AgentSettings settings)
    {
        var all = settings.Notifiers.ToDictionary(notifier => notifier.Name, Create);
        foreach (var stack in settings.Stacks)
        {
            if (stack.CommitStatus is { } status)
            {
                all.Add(CommitStatusSettings.RecipientOf(stack.Name), new CommitStatus(status, stack.Source.Repository, sender));
            }
        }

        return all;
    }

    public INotifier Create(NotifierSettings settings) => settings.Type switch
    {
        NotifierType.Discord => new DiscordNotifier(settings.Url!, sender),
        NotifierType.Slack => new SlackNotifier(settings.Url!, sender),
        NotifierType.Teams => new TeamsNotifier(settings.Url!, sender),
        NotifierType.Mattermost => new MattermostNotifier(settings.Url!, sender),
        NotifierType.Telegram => new TelegramNotifier(settings.Url, settings.Token!, settings.Place, sender),
        NotifierType.Ntfy => new NtfyNotifier(settings.Url, settings.Place, settings.Token, sender),
        NotifierType.Gotify => new GotifyNotifier(settings.Url!, settings.Token!, sender),
        NotifierType.Matrix => new MatrixNotifier(settings.Url!, settings.Token!, settings.Place, sender),
        NotifierType.Mail => new MailNotifier(settings.Mail!, timeProvider),
        NotifierType.Webhook => new WebhookNotifier(settings.Url!, settings.Secret, sender, timeProvider),
        _ => throw new InvalidOperationException($"a new kind of notifier: {settings.Type}"),
    };
}
