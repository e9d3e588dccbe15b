using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Notifications;

/// <summary>Any address: the event as JSON, signed where a secret is given (docs/notifications.md).</summary>
internal sealed class WebhookNotifier(SecretSource url, SecretSource? secret, MessageSender sender, TimeProvider timeProvider) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(EventJson.Write(told));
        var timestamp = timeProvider.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, Secrets.ReadUrl(url)) { Content = MessageSender.JsonContent(body) };
        request.Headers.Add("Eclusier-Event", told.Kind.ToWord());
        request.Headers.Add("Eclusier-Delivery", told.Id);
        request.Headers.Add("Eclusier-Timestamp", timestamp);
        if (secret is not null)
        {
            request.Headers.Add("Eclusier-Signature", $"sha256={Sign(Secrets.Read(secret), timestamp, body)}");
        }

        await sender.SendAsync(request, [], cancellationToken);
    }

    private static string Sign(string secret, string timestamp, byte[] body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes($"{timestamp}."), .. body]));
}
