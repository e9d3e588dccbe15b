using Eclusier.Core.Deployments;

namespace Eclusier.Core.Engine;

/// <summary>What of the Docker Engine drift needs: what happens, what else a project is made of, and the repairs that Compose leaves undone.</summary>
/// <remarks>As <see cref="IEngine"/>: every call but the events has a time limit, and all throw <see cref="FailureException"/>.</remarks>
public interface IEngineWatch
{
    /// <summary>What happens to containers, networks and volumes, until cancelled.</summary>
    /// <param name="since">Begins with what happened then; an engine remembers no more than its last 256 events.</param>
    /// <exception cref="FailureException">Transient: the engine went away.</exception>
    IAsyncEnumerable<EngineEvent> FollowEventsAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>The names of all networks.</summary>
    Task<IReadOnlySet<string>> ReadNetworksAsync(CancellationToken cancellationToken);

    /// <summary>The names of all volumes.</summary>
    Task<IReadOnlySet<string>> ReadVolumesAsync(CancellationToken cancellationToken);

    /// <summary>Lets a paused container run on.</summary>
    Task UnpauseContainerAsync(string containerId, CancellationToken cancellationToken);
}

/// <summary>Something that happened at the engine.</summary>
/// <param name="Project">The Compose project; empty when the engine does not say (networks, volumes).</param>
/// <param name="Action">The engine's word: <c>die</c>, <c>stop</c>, <c>destroy</c>, …</param>
/// <param name="Id">The container's id, the network's or the volume's.</param>
/// <param name="Signal">Of a <c>kill</c>: the signal's number or name; otherwise empty.</param>
public sealed record EngineEvent(DateTimeOffset At, string Project, string Action, string Id, string Signal);
