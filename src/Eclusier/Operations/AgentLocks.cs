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
    private readonly Dictionary<Stack, string> said = [];
    private string saidOfAll = "";

    private AgentLocks(StateLock state, ProjectLocks projects)
    {
        this.state = state;
        this.projects = projects;
    }

    /// <exception cref="AgentBusyException">Another agent has one of them; the message says who, and what that one does.</exception>
    public static AgentLocks Take(AgentSettings settings, string purpose, TimeProvider timeProvider)
    {
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

    /// <summary>Writes what is being deployed into the lock files, where that has changed.</summary>
    /// <param name="open">The deployments that are under way.</param>
    /// <returns>What is being deployed; may be empty.</returns>
    public string Describe(IReadOnlyList<Stack> stacks, IReadOnlyList<Deployment> open)
    {
        lock (gate)
        {
            var byName = open.ToDictionary(deployment => deployment.Stack, deployment => $"deploying stack {deployment.Stack} since {deployment.StartedAt.UtcDateTime:HH:mm} UTC");
            var doing = stacks.Where(stack => byName.ContainsKey(stack.Name)).ToDictionary(stack => stack, stack => byName[stack.Name]);
            foreach (var stack in said.Keys.Except(doing.Keys).ToList())
            {
                said.Remove(stack);
                projects.Describe(stack, Endpoint, "");
            }

            foreach (var (stack, what) in doing.Where(entry => said.GetValueOrDefault(entry.Key) != entry.Value))
            {
                said[stack] = what;
                projects.Describe(stack, Endpoint, what);
            }

            var all = doing.Count <= MostNamed ? string.Join(", ", doing.Values) : $"deploying {doing.Count} stacks";
            if (all != saidOfAll)
            {
                saidOfAll = all;
                state.Describe(all);
            }

            return all;
        }
    }

    public void Dispose()
    {
        projects.Dispose();
        state.Dispose();
    }
}
