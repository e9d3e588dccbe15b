namespace Eclusier.Core.Notifications;

/// <summary>An event with whom to tell it. It is written to the outbox together with what it tells.</summary>
/// <param name="Cause">What brought it about: <c>deployment/12</c>. Nothing is announced twice for one cause.</param>
/// <param name="Recipients">Names of notifiers; may be empty.</param>
public sealed record Announcement(string Cause, Event Event, IReadOnlyList<string> Recipients);
