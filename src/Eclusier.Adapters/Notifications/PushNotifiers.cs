using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Files;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Notifications;

/// <summary>ntfy (https://docs.ntfy.sh/publish/#publish-as-json): a message of more than 4,096 bytes would become an attachment.</summary>
/// <param name="server">Another server than ntfy.sh, or <c>null</c>.</param>
internal sealed class NtfyNotifier(SecretSource? server, string topic, SecretSource? token, MessageSender sender) : INotifier
{
    private const int LargestMessage = 4000;

    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var longest = LargestMessage;
        string text;
        do
        {
            text = new Markup.Plain().Write(message, longest); // counts letters, where ntfy counts bytes
            longest -= 500;
        }
        while (Encoding.UTF8.GetByteCount(text) > LargestMessage && longest > 0);

        var body = new JsonObject
        {
            ["topic"] = topic,
            ["title"] = Message.Cut(message.Title, 200),
            ["message"] = text,
            ["priority"] = message.IsBad ? 4 : 3,
            ["tags"] = new JsonArray(message.IsBad ? "warning" : "information_source"),
        };
        if (message.Url is { } link)
        {
            body["click"] = link;
        }

        using var request = MessageSender.Post(server is null ? new Uri("https://ntfy.sh/") : Secrets.ReadUrl(server), body);
        var secret = token is null ? null : Secrets.Read(token);
        if (secret is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        await sender.SendAsync(request, secret is null ? [topic] : [topic, secret], cancellationToken); // whoever knows a topic reads it
    }
}

/// <summary>Gotify (https://gotify.net/docs/pushmsg).</summary>
internal sealed class GotifyNotifier(SecretSource server, SecretSource token, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var secret = Secrets.Read(token);
        var body = new JsonObject
        {
            ["title"] = Message.Cut(message.Title, 200),
            ["message"] = new Markup.Plain().Write(message, 8000),
            ["priority"] = message.IsBad ? 8 : 4,
        };
        using var request = MessageSender.Post(new Uri($"{Secrets.ReadUrl(server).ToString().TrimEnd('/')}/message"), body);
        request.Headers.Add("X-Gotify-Key", secret);
        await sender.SendAsync(request, [secret], cancellationToken);
    }
}

/// <summary>Matrix (client-server API, <c>PUT …/send/m.room.message/{txnId}</c>): the transaction's id makes a message that is sent again arrive once.</summary>
internal sealed class MatrixNotifier(SecretSource homeserver, SecretSource token, string room, MessageSender sender) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var message = Message.Of(told);
        var secret = Secrets.Read(token);
        var html = new Markup.Html();
        var body = new JsonObject
        {
            ["msgtype"] = "m.text",
            ["body"] = $"{message.Title}\n{new Markup.Plain().Write(message, 12_000)}",
            ["format"] = "org.matrix.custom.html",
            ["formatted_body"] = $"{html.Bold(html.Escape(message.Title))}<br>{html.Write(message, 12_000).Replace("\n", "<br>", StringComparison.Ordinal)}",
            ["m.mentions"] = new JsonObject(), // nobody, whatever the text says
        };
        var address = $"{Secrets.ReadUrl(homeserver).ToString().TrimEnd('/')}/_matrix/client/v3/rooms/{Uri.EscapeDataString(room)}/send/m.room.message/{Uri.EscapeDataString(told.Id)}";
        using var request = MessageSender.Post(new Uri(address), body, HttpMethod.Put);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        await sender.SendAsync(request, [secret], cancellationToken);
    }
}
