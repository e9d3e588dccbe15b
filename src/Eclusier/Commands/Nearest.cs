namespace Eclusier.Commands;

/// <summary>Guesses which word was meant.</summary>
internal static class Nearest
{
    /// <returns><c>null</c> when none is near enough to be a slip of the finger.</returns>
    public static string? To(string text, IEnumerable<string> words) => words
        .Select(word => (Word: word, Distance: Distance(text, word)))
        .Where(near => near.Distance <= Math.Max(1, Math.Min(text.Length, near.Word.Length) / 3))
        .OrderBy(near => near.Distance)
        .Select(near => near.Word)
        .FirstOrDefault();

    /// <summary>How many letters have to be inserted, removed, replaced or swapped with their neighbour.</summary>
    private static int Distance(string from, string to)
    {
        var costs = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                costs[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1, costs[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
                }
            }
        }

        return costs[from.Length, to.Length];
    }
}
