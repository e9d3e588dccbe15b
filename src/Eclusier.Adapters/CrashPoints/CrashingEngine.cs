using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.CrashPoints;

/// <summary>An engine with a crash point before and after each call.</summary>
internal sealed class CrashingEngine(IEngine engine, CrashPoint point) : IEngine
{
    public Task<string> ReadVersionAsync(CancellationToken cancellationToken) => point.AroundAsync("engine.version", () => engine.ReadVersionAsync(cancellationToken));

    public Task<LiveStack> ObserveAsync(string project, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.observe", () => engine.ObserveAsync(project, cancellationToken));

    public Task<IReadOnlyList<PortHolder>> ReadForeignPortsAsync(string project, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.ports", () => engine.ReadForeignPortsAsync(project, cancellationToken));

    public Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.find-image", () => engine.FindImageAsync(reference, cancellationToken));

    public Task<IReadOnlySet<string>> FindMissingImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.find-images", () => engine.FindMissingImagesAsync(references, cancellationToken));

    public Task<IReadOnlyList<string>> ReadRepositoryDigestsAsync(string imageId, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.digests", () => engine.ReadRepositoryDigestsAsync(imageId, cancellationToken));

    public Task<IReadOnlyList<string>> ReadLayersAsync(string imageId, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.layers", () => engine.ReadLayersAsync(imageId, cancellationToken));

    public Task<long?> ReadFreeSpaceAsync(CancellationToken cancellationToken) => point.AroundAsync("engine.free-space", () => engine.ReadFreeSpaceAsync(cancellationToken));

    public Task PullAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.pull", () => engine.PullAsync(image, platform, access, cancellationToken));

    public Task TagAsync(string imageId, string tag, CancellationToken cancellationToken) => point.AroundAsync("engine.tag", () => engine.TagAsync(imageId, tag, cancellationToken));

    public Task RemoveTagAsync(string tag, CancellationToken cancellationToken) => point.AroundAsync("engine.remove-tag", () => engine.RemoveTagAsync(tag, cancellationToken));

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.remove-container", () => engine.RemoveContainerAsync(containerId, cancellationToken));

    public Task<bool> RenameContainerAsync(string containerId, string name, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.rename-container", () => engine.RenameContainerAsync(containerId, name, cancellationToken));

    public Task SignalContainerAsync(string containerId, string signal, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.signal", () => engine.SignalContainerAsync(containerId, signal, cancellationToken));

    public Task<IReadOnlyList<LiveNetwork>> ReadNetworksAsync(string project, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.networks", () => engine.ReadNetworksAsync(project, cancellationToken));

    public Task RemoveNetworkAsync(string networkId, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.remove-network", () => engine.RemoveNetworkAsync(networkId, cancellationToken));

    public Task<IReadOnlyList<ContainerLogLine>> ReadLogsAsync(LiveContainer container, int lines, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.logs", () => engine.ReadLogsAsync(container, lines, cancellationToken));

    public IAsyncEnumerable<ContainerLogLine> FollowLogsAsync(string project, CancellationToken cancellationToken) => engine.FollowLogsAsync(project, cancellationToken);

    public Task<ExecResult> ExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        point.AroundAsync("engine.exec", () => engine.ExecAsync(containerId, command, cancellationToken));
}
