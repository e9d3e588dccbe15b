using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Locking;
using Eclusier.Commands;
using Eclusier.Core.History;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>What an agent must have for itself while it works: its state folder, and the projects and work trees of its stacks. Its death gives them back.</summary>
internal sealed class AgentLocks : IDisposable
{
    private readonly StateLock state;
    private readonly ProjectLocks projects;
    private readonly Lock gate = new();
    private string said = "";

    private AgentLocks(StateLock state, ProjectLocks projects)
    {
        this.state = state;
        this.projects = projects;
    }

    /// <exception cref="AgentBusyException">Another agent has one of them; the message says who, and what that one does.</exception>
    public static AgentLocks Take(AgentSettings settings, string purpose, TimeProvider timeProvider)
    {
        if (!StateLock.TryTake(settings.StateDirectory, purpose, timeProvider, out var state, out var holder))
        {
            throw new AgentBusyException($"the state is locked by {holder?.ToString() ?? "another process"}");
        }

        if (!ProjectLocks.TryTake(
            settings.Stacks, DockerEngineOptions.FromEnvironment().Endpoint, $"{purpose} with the state folder {settings.StateDirectory}", ProjectLocks.HostFolders, timeProvider, out var projects, out var conflict))
        {
            state.Dispose();
            throw new AgentBusyException(conflict);
        }

        return new AgentLocks(state, projects);
    }

    /// <summary>Writes what is being deployed into the lock files, when that has changed.</summary>
    public void Describe(IReadOnlyList<Stack> stacks, IJournal journal)
    {
        lock (gate)
        {
            var doing = string.Join(", ", stacks.Select(stack => journal.FindOpen(stack.Name)).Where(open => open is not null)
                .Select(open => $"deploying stack {open!.Stack} since {open.StartedAt.UtcDateTime:HH:mm} UTC"));
            if (doing != said)
            {
                said = doing;
                state.Describe(doing);
                projects.Describe(doing);
            }
        }
    }

    public void Dispose()
    {
        projects.Dispose();
        state.Dispose();
    }
}
