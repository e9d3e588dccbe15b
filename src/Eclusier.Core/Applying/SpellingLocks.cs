using System.Collections.Concurrent;
using Eclusier.Core.Liveness;

namespace Eclusier.Core.Applying;

/// <summary>
/// Names of images that are tagged for one <c>up</c>: what was taken over keeps its written tag, and two stacks may write the same one and mean different
/// images. Each has it to itself until Compose has read it.
/// </summary>
public sealed class SpellingLocks
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> locks = new();

    /// <returns>Gives the names free when disposed.</returns>
    public async Task<IDisposable> TakeAsync(IEnumerable<string> names)
    {
        var taken = new Taken();
        try
        {
            foreach (var name in names.Distinct().Order(StringComparer.Ordinal)) // in one order, so that no two wait for each other
            {
                var free = locks.GetOrAdd(name, _ => new SemaphoreSlim(1, 1));
                using var expected = SignsOfLife.Expect($"the name {name}, which another stack uses", atMost: null);
                await free.WaitAsync(CancellationToken.None); // whoever has it is within `up`, which has a time limit
                taken.Add(free);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private sealed class Taken : IDisposable
    {
        private readonly Stack<SemaphoreSlim> held = new();

        public void Add(SemaphoreSlim taken) => held.Push(taken);

        public void Dispose()
        {
            while (held.TryPop(out var taken))
            {
                taken.Release();
            }
        }
    }
}
