using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Files;
using Eclusier.Adapters.Locking;
using Eclusier.Commands;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>What an agent must have for itself while it works: its state folder, and the projects and work trees of its stacks. Its death gives them back.</summary>
internal sealed class AgentLocks : IDisposable
{
    /// <summary>More deployments than that are only counted.</summary>
    private const int MostNamed = 3;

    private static readonly string Endpoint = DockerEngineOptions.FromEnvironment().Endpoint;

    private readonly StateLock state;
    private readonly ProjectLocks projects;
    private readonly Lock gate = new();
    private readonly SortedDictionary<StackName, string> deploying = new(Comparer<StackName>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value)));
    private string said = "";

    private AgentLocks(StateLock state, ProjectLocks projects)
    {
        this.state = state;
        this.projects = projects;
    }

    /// <exception cref="AgentBusyException">Another agent has one of them; the message says who, and what that one does.</exception>
    public static AgentLocks Take(AgentSettings settings, string purpose, TimeProvider timeProvider)
    {
        OpenFiles.RaiseLimit();
        if (FileOwner.CanBeChanged && FileOwner.Of(settings.StateDirectory) is { IsRoot: false } owner)
        {
            // root's files in there would be in the way of whose state it is
            throw new RequestException($"{settings.StateDirectory} is the state of another user than root: run this as that user, with `sudo -u '#{owner.User}' eclusier …`");
        }

        if (!StateLock.TryTake(settings.StateDirectory, purpose, timeProvider, out var state, out var holder))
        {
            throw new AgentBusyException($"the state is locked by {holder?.ToString() ?? "another process"}");
        }

        if (!ProjectLocks.TryTake(
            settings.Stacks, Endpoint, $"{purpose} with the state folder {settings.StateDirectory}", ProjectLocks.HostFolders, timeProvider, out var projects, out var conflict))
        {
            state.Dispose();
            throw new AgentBusyException(conflict);
        }

        return new AgentLocks(state, projects);
    }

    /// <summary>Also what these stacks need, or nothing of it.</summary>
    /// <exception cref="AgentBusyException">Another agent has one of them.</exception>
    public void TakeFor(IReadOnlyList<Stack> stacks)
    {
        lock (gate)
        {
            if (!projects.TryTakeMore(stacks, Endpoint, ProjectLocks.HostFolders, out var conflict))
            {
                throw new AgentBusyException(conflict);
            }
        }
    }

    /// <summary>Gives back what none of these stacks needs any more.</summary>
    public void KeepOnly(IEnumerable<Stack> stacks)
    {
        lock (gate)
        {
            projects.KeepOnly(stacks, Endpoint);
        }
    }

    /// <summary>Writes what is being deployed into the lock files.</summary>
    /// <param name="open">The deployments that are under way.</param>
    /// <returns>What is being deployed; may be empty.</returns>
    public string Describe(IReadOnlyList<Stack> stacks, IReadOnlyList<Deployment> open)
    {
        lock (gate)
        {
            foreach (var name in deploying.Keys.Except(open.Select(deployment => deployment.Stack)).ToList())
            {
                Write(stacks, name, null);
            }

            foreach (var deployment in open)
            {
                Write(stacks, deployment.Stack, deployment);
            }

            return Sum();
        }
    }

    /// <summary>As the other, when only one stack's deployment was begun or, <c>null</c>, closed: with many stacks that happens often.</summary>
    public string Describe(IReadOnlyList<Stack> stacks, StackName name, Deployment? open)
    {
        lock (gate)
        {
            Write(stacks, name, open);
            return Sum();
        }
    }

    private void Write(IReadOnlyList<Stack> stacks, StackName name, Deployment? open)
    {
        var doing = open is null ? "" : $"deploying stack {name} since {open.StartedAt.UtcDateTime:HH:mm} UTC";
        var stack = stacks.FirstOrDefault(stack => stack.Name == name);
        if (stack is null || open is null)
        {
            deploying.Remove(name);
        }
        else
        {
            deploying[name] = doing;
        }

        if (stack is not null)
        {
            projects.Describe(stack, Endpoint, doing);
        }
    }

    private string Sum()
    {
        var all = deploying.Count <= MostNamed ? string.Join(", ", deploying.Values) : $"deploying {deploying.Count} stacks";
        if (all != said)
        {
            said = all;
            state.Describe(all);
        }

        return all;
    }

    public void Dispose()
    {
        projects.Dispose();
        state.Dispose();
    }
}
