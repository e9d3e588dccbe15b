using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Tests.Probes;

/// <summary>An engine with the containers of one project, which answers commands as the test says.</summary>
public sealed class FakeEngine(params IReadOnlyList<LiveContainer> containers) : IEngine
{
    public Func<string, CancellationToken, Task<ExecResult>> OnExec { get; set; } = (_, _) => Task.FromResult(new ExecResult(0, ""));

    public bool Answers { get; set; } = true;

    public static LiveContainer Container(string service, string state = "running", bool isOneOff = false, string? id = null) =>
        new() { Id = id ?? service, Name = service, Service = service, State = state, ImageId = "sha256:0", IsOneOff = isOneOff };

    public Task<string> ReadVersionAsync(CancellationToken cancellationToken) => Answers ? Task.FromResult("1.0") : throw FailureException.Transient("the engine does not answer");

    public Task<LiveStack> ObserveAsync(string project, CancellationToken cancellationToken) => Task.FromResult(new LiveStack(containers));

    public Task<ExecResult> ExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken) => OnExec($"{containerId}: {string.Join(' ', command)}", cancellationToken);

    public Task<IReadOnlyList<PortHolder>> ReadForeignPortsAsync(string project, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<string>> ReadRepositoryDigestsAsync(string imageId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<string>> ReadLayersAsync(string imageId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> ReadFreeSpaceAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PullAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task TagAsync(string imageId, string tag, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveTagAsync(string tag, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RenameContainerAsync(string containerId, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SignalContainerAsync(string containerId, string signal, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlySet<string>> FindMissingImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<LiveNetwork>> ReadNetworksAsync(string project, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveNetworkAsync(string networkId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ContainerLogLine>> ReadLogsAsync(LiveContainer container, int lines, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<ContainerLogLine> FollowLogsAsync(string project, CancellationToken cancellationToken) => throw new NotSupportedException();
}
