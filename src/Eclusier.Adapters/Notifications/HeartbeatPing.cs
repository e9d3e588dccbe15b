using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Notifications;

/// <summary>Calls the address of a dead man's switch, as healthchecks.io and those alike have it.</summary>
public sealed class HeartbeatPing(HeartbeatSettings settings, MessageSender sender)
{
    /// <param name="trouble">What is wrong, or <c>null</c> when all is well.</param>
    /// <exception cref="FailureException">Transient: it could not be told.</exception>
    public async Task SendAsync(string? trouble, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(Secrets.ReadUrl(settings.Url));
        if (trouble is not null)
        {
            address.Path = $"{address.Path.TrimEnd('/')}/fail";
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address.Uri);
        await sender.SendAsync(request, [], cancellationToken);
    }
}
