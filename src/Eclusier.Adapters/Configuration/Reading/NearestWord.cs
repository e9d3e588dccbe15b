namespace Eclusier.Adapters.Configuration.Reading;

/// <summary>Finds the word a person probably meant.</summary>
internal static class NearestWord
{
    /// <returns>The nearest of <paramref name="words"/>, or <c>null</c> when none is near enough to be a slip of the hand.</returns>
    public static string? Find(string text, IEnumerable<string> words)
    {
        var (nearest, distance) = words
            .Select(word => (word, Distance(text.ToLowerInvariant().Replace('-', '_'), word.ToLowerInvariant().Replace('-', '_'))))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(candidate => candidate.Item2);
        return distance <= Math.Max(1, Math.Min(text.Length, nearest.Length) / 3) ? nearest : null;
    }

    /// <summary><c>; did you mean 'interval'?</c>, or nothing.</summary>
    public static string Hint(string text, IEnumerable<string> words) =>
        Find(text, words) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    // Insertions, deletions, replacements and swapped neighbours count one each.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > right.Length) { return int.MaxValue; } // also bounds the work for endless keys

        var beforeLast = new int[right.Length + 1];
        var last = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(last[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last) = (last, current);
        }

        return last[right.Length];
    }
}
