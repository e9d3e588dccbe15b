using Eclusier.Api;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>Finds whom to ask: the running daemon where one answers, else an agent in this process.</summary>
public sealed class AgentConnector(OpenLocalAgent openLocal, TimeProvider timeProvider, string runSocket = AgentSocket.RunPath)
{
    public async Task<AgentConnection> ConnectAsync(AgentSettings settings, string purpose, bool readOnly, CancellationToken cancellationToken)
    {
        return await FindDaemonAsync(settings, cancellationToken) ?? await openLocal(settings, purpose, readOnly, cancellationToken);
    }

    /// <summary>The daemon of a configuration file that may be broken by now.</summary>
    /// <param name="settings">What is in the file; <c>null</c>: nothing that can be used.</param>
    public async Task<AgentConnection?> FindDaemonAsync(AgentSettings? settings, string configuration, CancellationToken cancellationToken) =>
        (settings is null ? null : await FindDaemonAsync(settings, cancellationToken))
        ?? await FindDaemonAsync(runSocket, identity => identity.Configuration == configuration, cancellationToken);

    /// <summary>The daemon at the well-known socket, for when the configuration cannot be read: a person without the right to, or a file that is being edited.</summary>
    public Task<AgentConnection?> FindDaemonAsync(CancellationToken cancellationToken) => FindDaemonAsync(runSocket, _ => true, cancellationToken);

    private async Task<AgentConnection?> FindDaemonAsync(AgentSettings settings, CancellationToken cancellationToken)
    {
        foreach (var socket in AgentSocket.Candidates(settings, runSocket))
        {
            // another agent of this host, with a state of its own, is not the one that is meant
            if (await FindDaemonAsync(socket, identity => IsSame(identity.StateDirectory, settings.StateDirectory), cancellationToken) is { } daemon)
            {
                return daemon;
            }
        }

        return null;
    }

    private async Task<AgentConnection?> FindDaemonAsync(string socket, Func<AgentIdentity, bool> isMeant, CancellationToken cancellationToken)
    {
        var agent = new RemoteAgent(socket, timeProvider);
        try
        {
            if (await agent.GreetAsync(cancellationToken) is { } identity && isMeant(identity))
            {
                var connection = new AgentConnection(agent, [.. identity.Stacks.Select(StackName.Parse)], isDaemon: true, Close(agent)) { DaemonVersion = identity.Version, ForReason = agent.WithReason };
                agent = null;
                return connection;
            }

            return null;
        }
        finally
        {
            agent?.Dispose();
        }
    }

    private static Func<ValueTask> Close(RemoteAgent agent) => () =>
    {
        agent.Dispose();
        return ValueTask.CompletedTask;
    };

    private static bool IsSame(string path, string other) => Path.TrimEndingDirectorySeparator(path) == Path.TrimEndingDirectorySeparator(other);
}
