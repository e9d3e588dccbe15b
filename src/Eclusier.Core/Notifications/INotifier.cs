using Eclusier.Core.Deployments;

namespace Eclusier.Core.Notifications;

/// <summary>Brings messages to one recipient.</summary>
public interface INotifier
{
    /// <summary>Tells it once; the same event may come again, when it is not known whether it arrived.</summary>
    /// <exception cref="FailureException">
    /// Transient: not now, or not with this address and token; <see cref="Failure.RetryAfter"/> when the recipient said when.
    /// Rejected: this message is not taken, and will not be. The message holds no secret.
    /// </exception>
    Task TellAsync(Event told, CancellationToken cancellationToken);
}
