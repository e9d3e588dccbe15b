namespace Eclusier.Webhooks;

/// <summary>Deliveries of the last while: the same one again, sent by whoever listened in or by a sender that tries again, has nothing looked at.</summary>
internal sealed class DeliveryMemory(TimeProvider timeProvider)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>More than that are not remembered: the oldest go first.</summary>
    private const int Most = 10_000;

    private readonly Lock gate = new();
    private readonly HashSet<string> seen = [];
    private readonly Queue<(string Mark, long At)> order = new();

    /// <returns><c>false</c>: one of the marks was seen within the window.</returns>
    public bool IsNew(string door, IReadOnlyList<string> marks)
    {
        lock (gate)
        {
            while (order.TryPeek(out var oldest) && (order.Count > Most || timeProvider.GetElapsedTime(oldest.At) > Window))
            {
                order.Dequeue();
                seen.Remove(oldest.Mark);
            }

            var named = marks.Select(mark => $"{door} {mark}").ToList();
            if (named.Any(seen.Contains))
            {
                return false;
            }

            foreach (var mark in named.Where(seen.Add))
            {
                order.Enqueue((mark, timeProvider.GetTimestamp()));
            }

            return true;
        }
    }
}
