using Eclusier.Core.Deployments;

namespace Eclusier.Core.Engine;

/// <summary>What of the Docker Engine drift needs: what happens, what else a project is made of, and the repairs that Compose leaves undone.</summary>
/// <remarks>As <see cref="IEngine"/>: every call but the events has a time limit, and all throw <see cref="FailureException"/>.</remarks>
public interface IEngineWatch
{
    /// <summary>What happens to containers, networks, volumes and images, until cancelled.</summary>
    /// <param name="since">Begins with what happened then; an engine remembers no more than its last 256 events.</param>
    /// <param name="listening">Called when the engine has begun to tell: from then on nothing is missed until this ends.</param>
    /// <exception cref="FailureException">Transient: the engine went away.</exception>
    IAsyncEnumerable<EngineEvent> FollowEventsAsync(DateTimeOffset since, Action listening, CancellationToken cancellationToken);

    /// <summary>Which of these networks there are; others may come along.</summary>
    /// <remarks>Only these are asked for: a host of many stacks has many, and each stack looks.</remarks>
    Task<IReadOnlySet<string>> FindNetworksAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>Which of these volumes there are; others may come along.</summary>
    Task<IReadOnlySet<string>> FindVolumesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>Lets a paused container run on.</summary>
    Task UnpauseContainerAsync(string containerId, CancellationToken cancellationToken);
}

/// <summary>Something that happened at the engine.</summary>
/// <param name="Project">The Compose project; empty when the engine does not say (networks, volumes).</param>
/// <param name="Action">The engine's word: <c>die</c>, <c>stop</c>, <c>destroy</c>, …</param>
/// <param name="Id">The container's id, the network's, the volume's or the image's.</param>
/// <param name="Signal">Of a <c>kill</c>: the signal's number or name; otherwise empty.</param>
public sealed record EngineEvent(DateTimeOffset At, string Project, string Action, string Id, string Signal)
{
    public const string OfImage = "image";

    /// <summary>What it happened to, the engine's word: <c>container</c>, <c>network</c>, <c>volume</c> or <c>image</c>.</summary>
    public string Kind { get; init; } = "container";

    /// <summary>It tells no project, and something went away: it may have been anybody's. Networks and volumes always go so.</summary>
    public bool MayConcernEveryProject => Project.Length == 0 && (Action is "destroy" or "prune");
}
