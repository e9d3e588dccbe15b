using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Webhooks;

/// <summary>The secret that a sender shares with this host.</summary>
public static class WebhookSecret
{
    /// <exception cref="FailureException">Transient: the file cannot be read, or is empty.</exception>
    public static string Read(SecretSource source) => Secrets.Read(source);
}
