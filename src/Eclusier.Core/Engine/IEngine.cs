using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Images;

namespace Eclusier.Core.Engine;

/// <summary>The Docker Engine, through its API: what runs, images, logs. Compose does the creating.</summary>
/// <remarks>Every call has a time limit. All throw <see cref="FailureException"/>: transient when the engine does not answer.</remarks>
public interface IEngine
{
    /// <summary>The engine's version, as proof that it answers (within 5 seconds).</summary>
    Task<string> ReadVersionAsync(CancellationToken cancellationToken);

    /// <summary>All containers of a Compose project, stopped ones too.</summary>
    Task<LiveStack> ObserveAsync(string project, CancellationToken cancellationToken);

    /// <summary>Host ports that running containers of other projects hold, with the container's name.</summary>
    Task<IReadOnlyList<PortHolder>> ReadForeignPortsAsync(string project, CancellationToken cancellationToken);

    /// <summary>The id of a local image (<c>sha256:…</c>), or <c>null</c> when the engine has none under that reference or id.</summary>
    Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken);

    /// <summary>Those of the references that the engine has no local image under, in one question for all of them where it can be.</summary>
    Task<IReadOnlySet<string>> FindMissingImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken);

    /// <summary>The repository digests (<c>name@sha256:…</c>) the engine knows a local image by.</summary>
    Task<IReadOnlyList<string>> ReadRepositoryDigestsAsync(string imageId, CancellationToken cancellationToken);

    /// <summary>The layers of a local image, by the hashes of their content; empty when it is gone.</summary>
    Task<IReadOnlyList<string>> ReadLayersAsync(string imageId, CancellationToken cancellationToken);

    /// <summary>Bytes that are free where the engine keeps its images; <c>null</c> when that cannot be seen from here.</summary>
    Task<long?> ReadFreeSpaceAsync(CancellationToken cancellationToken);

    /// <summary>Pulls <c>name@digest</c>, with the stack's own credentials or Docker's.</summary>
    /// <param name="platform">As in a Compose file, for example <c>linux/arm64</c>; <c>null</c>: the engine's own.</param>
    /// <exception cref="FailureException">Waiting: not in the registry. Rejected: credentials, platform. Transient: no answer, or no progress for a minute; disk full.</exception>
    Task PullAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken);

    /// <summary>Gives a local image a further local tag, <c>repository:tag</c>.</summary>
    Task TagAsync(string imageId, string tag, CancellationToken cancellationToken);

    /// <summary>Removes a local tag, and with it the image if nothing else names or uses it. No error when it is gone already.</summary>
    Task RemoveTagAsync(string tag, CancellationToken cancellationToken);

    /// <summary>Removes a container by force. Its volumes stay. No error when it is gone already.</summary>
    Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Gives a container another name.</summary>
    /// <returns><c>false</c>: the name is taken, or the container is gone.</returns>
    Task<bool> RenameContainerAsync(string containerId, string name, CancellationToken cancellationToken);

    /// <summary>Sends a signal (<c>SIGHUP</c>) to a container's first process. Nothing happens when it does not run, or is gone.</summary>
    Task SignalContainerAsync(string containerId, string signal, CancellationToken cancellationToken);

    /// <summary>The networks of a Compose project; two may have one name.</summary>
    Task<IReadOnlyList<LiveNetwork>> ReadNetworksAsync(string project, CancellationToken cancellationToken);

    /// <summary>Removes a network that no running container uses. No error when it is gone already.</summary>
    Task RemoveNetworkAsync(string networkId, CancellationToken cancellationToken);

    /// <summary>The last lines that a container wrote, both streams, oldest first.</summary>
    Task<IReadOnlyList<ContainerLogLine>> ReadLogsAsync(LiveContainer container, int lines, CancellationToken cancellationToken);

    /// <summary>What containers of the project write from now on, until cancelled.</summary>
    IAsyncEnumerable<ContainerLogLine> FollowLogsAsync(string project, CancellationToken cancellationToken);

    /// <summary>Runs a command in a running container and waits for its end.</summary>
    Task<ExecResult> ExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken);
}

/// <summary>A host port and who holds it.</summary>
public sealed record PortHolder(HostPort Port, string ContainerName);

/// <summary>A line of a container's output.</summary>
public sealed record ContainerLogLine(DateTimeOffset At, string Service, string ContainerName, string Text);

/// <summary>What became of a command in a container.</summary>
/// <param name="Output">The last of what it printed, both streams, at most 4 KiB.</param>
public sealed record ExecResult(long ExitCode, string Output);
