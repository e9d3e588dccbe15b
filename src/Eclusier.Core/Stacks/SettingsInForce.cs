using System.Collections.Concurrent;

namespace Eclusier.Core.Stacks;

/// <summary>The configuration that counts now. A reload puts another one in its place while the agent works.</summary>
public sealed class SettingsInForce(AgentSettings first)
{
    private readonly ConcurrentDictionary<StackName, Stack> gone = new();
    private volatile AgentSettings now = first;
    private TaskCompletionSource changed = NewBell();

    /// <summary>Ask again each time: what was read before may be out of date.</summary>
    public AgentSettings Now => now;

    /// <summary>Completes when another configuration has taken the place of the one that counts now.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    /// <summary>The stack as it is configured or, when it no longer is, as it was: what is under way on it is still being finished.</summary>
    public Stack? FindAlsoGone(StackName name) => now.Find(name) ?? gone.GetValueOrDefault(name);

    public void Replace(AgentSettings settings)
    {
        foreach (var stack in now.Stacks.Where(stack => settings.Find(stack.Name) is null))
        {
            gone[stack.Name] = stack;
        }

        now = settings;
        Interlocked.Exchange(ref changed, NewBell()).TrySetResult();
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
