using System.Diagnostics;

namespace Eclusier.Lab;

/// <summary>Looks again and again until something is so; a wait that ends in vain says what was seen last.</summary>
public static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="what">What is awaited, for the message: <c>the stack is healthy</c>.</param>
    /// <param name="look">Looks once. While what is looked at does not exist yet it may throw: the message then counts as what was seen.</param>
    /// <returns>What was seen when it was so.</returns>
    /// <exception cref="TimeoutException">It was not so in time.</exception>
    public static async Task<T> ForAsync<T>(string what, TimeSpan within, Func<Task<T>> look, Func<T, bool> isSo, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            string seen;
            try
            {
                var state = await look();
                if (isSo(state))
                {
                    return state;
                }

                seen = state?.ToString() ?? "nothing";
            }
            catch (Exception exception) when (exception is not OperationCanceledException && watch.Elapsed < within)
            {
                seen = exception.Message;
            }

            if (watch.Elapsed >= within)
            {
                throw new TimeoutException($"waited {within.TotalSeconds:0.#} s in vain until {what}; seen last: {seen}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <inheritdoc cref="ForAsync{T}"/>
    public static Task<T> ForAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> isSo, CancellationToken cancellationToken = default) =>
        ForAsync(what, within, () => Task.FromResult(look()), isSo, cancellationToken);

    /// <inheritdoc cref="ForAsync{T}"/>
    public static Task UntilAsync(string what, TimeSpan within, Func<Task<bool>> isSo, CancellationToken cancellationToken = default) =>
        ForAsync(what, within, isSo, so => so, cancellationToken);
}
