using System.Text.Json.Nodes;
using Eclusier.Adapters.Files;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Notifications;

/// <summary>Discord, by a channel's webhook (https://discord.com/developers/docs/resources/webhook): an embed has 256 characters of title and 4096 of text.</summary>
internal sealed class DiscordNotifier(SecretSource url, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var markup = new Markup.Markdown();
        var body = new JsonObject
        {
            ["embeds"] = new JsonArray(new JsonObject
            {
                ["title"] = Message.Cut(markup.Escape(Message.Cut(message.Title, 200)), 256),
                ["description"] = markup.Write(message, 4000),
                ["color"] = message.Colour,
                ["timestamp"] = told.At.UtcDateTime.ToString("o"),
            }),
            ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() },
        };
        using var request = MessageSender.Post(Secrets.ReadUrl(url), body);
        await sender.SendAsync(request, [], cancellationToken);
    }
}

/// <summary>Slack, by an incoming webhook (https://api.slack.com/messaging/webhooks).</summary>
internal sealed class SlackNotifier(SecretSource url, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var markup = new Markup.Slack();
        var body = new JsonObject
        {
            ["text"] = markup.Escape(Message.Cut(message.Title, 300)),
            ["attachments"] = new JsonArray(new JsonObject
            {
                ["color"] = $"#{message.Colour:X6}",
                ["mrkdwn_in"] = new JsonArray("text"),
                ["text"] = markup.Write(message, 3000),
            }),
            ["unfurl_links"] = false,
        };
        using var request = MessageSender.Post(Secrets.ReadUrl(url), body);
        await sender.SendAsync(request, [], cancellationToken);
    }
}

/// <summary>Mattermost, by an incoming webhook (https://developers.mattermost.com/integrate/webhooks/incoming/): at least 4,000 characters in all its versions.</summary>
internal sealed class MattermostNotifier(SecretSource url, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var markup = new Markup.Markdown();
        var body = new JsonObject
        {
            ["text"] = $"{markup.Bold(markup.Escape(Message.Cut(message.Title, 200)))}\n{markup.Write(message, 3400)}",
        };
        using var request = MessageSender.Post(Secrets.ReadUrl(url), body);
        await sender.SendAsync(request, [], cancellationToken);
    }
}

/// <summary>Microsoft Teams, by a workflow's webhook that posts an Adaptive Card. Runs of text are not read as Markdown; a message has 28 KB.</summary>
internal sealed class TeamsNotifier(SecretSource url, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var blocks = new JsonArray(Text(Message.Cut(message.Title, 300), "Bolder", "Large"));
        if (message.Text.Length > 0)
        {
            blocks.Add((JsonNode)Text(message.Text));
        }

        foreach (var fact in message.Facts)
        {
            blocks.Add((JsonNode)new JsonObject { ["type"] = "RichTextBlock", ["inlines"] = new JsonArray(Run($"{fact.Label}: ", "Bolder"), Run(Message.Cut(fact.Text, 300))) });
        }

        foreach (var evidence in message.Evidence.Take(4))
        {
            blocks.Add((JsonNode)Text(Message.Cut(evidence.Subject, 300), "Bolder"));
            blocks.Add((JsonNode)new JsonObject { ["type"] = "RichTextBlock", ["inlines"] = new JsonArray(Run(Message.Cut(evidence.Text.Length > 1500 ? evidence.Text[^1500..] : evidence.Text, 1500), fontType: "Monospace")) });
        }

        var card = new JsonObject { ["type"] = "AdaptiveCard", ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json", ["version"] = "1.4", ["body"] = blocks };
        if (message.Url is { } link)
        {
            card["actions"] = new JsonArray(new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = "Commit", ["url"] = link });
        }

        var body = new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject { ["contentType"] = "application/vnd.microsoft.card.adaptive", ["contentUrl"] = null, ["content"] = card }),
        };
        using var request = MessageSender.Post(Secrets.ReadUrl(url), body);
        await sender.SendAsync(request, [], cancellationToken);
    }

    private static JsonObject Text(string text, string? weight = null, string? size = null) => new() { ["type"] = "RichTextBlock", ["inlines"] = new JsonArray(Run(text, weight, size)) };

    private static JsonObject Run(string text, string? weight = null, string? size = null, string? fontType = null)
    {
        var run = new JsonObject { ["type"] = "TextRun", ["text"] = text };
        foreach (var (name, value) in new[] { ("weight", weight), ("size", size), ("fontType", fontType) })
        {
            if (value is not null)
            {
                run[name] = value;
            }
        }

        return run;
    }
}

/// <summary>Telegram, by a bot (https://core.telegram.org/bots/api#sendmessage): 4096 characters.</summary>
/// <param name="server">Another server than Telegram's own, or <c>null</c>.</param>
internal sealed class TelegramNotifier(SecretSource? server, SecretSource token, string chat, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var markup = new Markup.Html();
        var secret = Secrets.Read(token);
        var body = new JsonObject
        {
            ["chat_id"] = chat,
            ["text"] = $"{markup.Bold(markup.Escape(Message.Cut(message.Title, 200)))}\n{markup.Write(message, 3500)}",
            ["parse_mode"] = "HTML",
            ["link_preview_options"] = new JsonObject { ["is_disabled"] = true },
        };
        var address = server is null ? "https://api.telegram.org" : Secrets.ReadUrl(server).ToString().TrimEnd('/');
        using var request = MessageSender.Post(new Uri($"{address}/bot{secret}/sendMessage"), body);
        await sender.SendAsync(request, [secret], cancellationToken);
    }
}
