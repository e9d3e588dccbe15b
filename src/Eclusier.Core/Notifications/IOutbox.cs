namespace Eclusier.Core.Notifications;

/// <summary>What was announced and is to be delivered, per recipient in the order in which it happened.</summary>
public interface IOutbox
{
    /// <returns>The oldest outstanding one, due or not; <c>null</c> when there is none.</returns>
    Delivery? FindNext(string recipient);

    void RecordDelivered(Delivery delivery, DateTimeOffset at);

    /// <summary>It did not work, and is tried again.</summary>
    void RecordTry(Delivery delivery, string error, DateTimeOffset nextAt);

    /// <summary>It is not tried again.</summary>
    void GiveUp(Delivery delivery, string error, DateTimeOffset at);

    /// <summary>Gives up what is for recipients that are no longer configured.</summary>
    void GiveUpOthers(IReadOnlyList<string> configured, DateTimeOffset at);

    /// <summary>Forgets events from before a time, once nobody is to be told of them any more.</summary>
    void Clean(DateTimeOffset before);

    /// <summary>How it stands with each recipient that ever had something to be told.</summary>
    IReadOnlyList<RecipientState> ReadStates();
}

/// <summary>One event for one recipient.</summary>
/// <param name="Attempts">How often it was tried already.</param>
public sealed record Delivery(string Recipient, long Number, Event Event, int Attempts, DateTimeOffset DueAt);

/// <summary>How it stands with a recipient.</summary>
/// <param name="Outstanding">Not delivered yet.</param>
/// <param name="GivenUp">Never delivered, among those that are remembered.</param>
/// <param name="OldestAt">When the oldest outstanding event happened.</param>
/// <param name="Error">Of the last try of the oldest outstanding one, or of the one given up last.</param>
public sealed record RecipientState(string Recipient, int Outstanding, int GivenUp, DateTimeOffset? OldestAt, DateTimeOffset? DeliveredAt, string Error);
