using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.History;

/// <summary>What a deployment under way waits for right now: space on a disk, an engine that is away. In memory, since it has to be told also while nothing can be written down.</summary>
public sealed class Holdups(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<StackName, Trouble> current = new();

    /// <summary>It waits; since when is what the first one said.</summary>
    public void Note(StackName stack, string message)
    {
        var begun = new Trouble(FailureKind.Transient, message, timeProvider.GetUtcNow());
        current.AddOrUpdate(stack, begun, (_, known) => begun with { Since = known.Since, Attempts = known.Attempts + 1 });
    }

    /// <summary>It goes on.</summary>
    public void End(StackName stack) => current.TryRemove(stack, out _);

    /// <returns><c>null</c>: it does not wait.</returns>
    public Trouble? Find(StackName stack) => current.GetValueOrDefault(stack);
}
