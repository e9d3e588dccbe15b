using System.Runtime.CompilerServices;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Images;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>An engine: local images, their names, and containers that behave as their images say.</summary>
public sealed class FakeEngine(CallLog calls, FakeRegistry registry, FakeClock clock) : IEngine, IEngineWatch
{
    private int created;

    /// <summary>It does not answer; what runs goes on running.</summary>
    public bool IsAway { get; set; }

    /// <summary>What reading logs throws, while it is set.</summary>
    public FailureException? LogTrouble { get; set; }

    /// <summary>Called when logs are read: a failure is being told.</summary>
    public Action? OnReadLogs { get; set; }

    /// <summary>Called while a project's containers are looked at.</summary>
    public Action? OnObserve { get; set; }

    /// <summary>What was looked at: <c>observe shop</c>, <c>find registry.test/web:v1</c>.</summary>
    public List<string> Looks { get; } = [];

    public List<FakeContainer> Containers { get; } = [];

    public List<LiveNetwork> ProjectNetworks { get; } = [];

    public List<LocalImage> Images { get; } = [];

    /// <summary>Ports held by containers of other projects.</summary>
    public List<PortHolder> ForeignPorts { get; } = [];

    public Dictionary<string, ExecResult> ExecResults { get; } = [];

    public static FailureException Gone { get; } = FailureException.Transient("the Docker Engine at unix:///var/run/docker.sock does not answer: connection refused; is it running?");

    public IEnumerable<FakeContainer> Of(string project, string service) => Containers.Where(container => container.Project == project && container.Service == service);

    /// <summary>Whether all that runs answers; <c>null</c> when nothing runs.</summary>
    public bool? Answers(string project)
    {
        var looks = Containers.Where(container => container.Project == project && !container.IsOneOff).Select(container => container.Look(clock.Steady)).Where(look => look.State != "exited").ToList();
        return looks.Count == 0 ? null : looks.All(look => look.State == "running" && look.Answers);
    }

    public Task<string> ReadVersionAsync(CancellationToken cancellationToken) => Asked(() => "20.10.24");

    public Task<LiveStack> ObserveAsync(string project, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Looks.Add($"observe {project}");
        OnObserve?.Invoke();
        return Asked(() => new LiveStack([.. Containers.Where(container => container.Project == project).Select(container => container.Observe(clock.Steady))]));
    }

    public Task<IReadOnlyList<PortHolder>> ReadForeignPortsAsync(string project, CancellationToken cancellationToken) => Asked<IReadOnlyList<PortHolder>>(() =>
        [.. ForeignPorts, .. Containers.Where(container => container.Project != project).Select(container => container.Observe(clock.Steady)).SelectMany(container => container.Ports.Select(port => new PortHolder(port, container.Name)))]);

    public Task<IReadOnlySet<string>> FindMissingImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        Looks.AddRange(references.Select(reference => $"find {reference}"));
        return Asked<IReadOnlySet<string>>(() => references.Where(reference => Find(reference) is null).ToHashSet());
    }

    public Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken) => Asked(() => Find(reference)?.Id);

    public Task<IReadOnlyList<string>> ReadRepositoryDigestsAsync(string imageId, CancellationToken cancellationToken) =>
        Asked<IReadOnlyList<string>>(() => [.. Find(imageId)?.References.Where(reference => reference.Contains('@')) ?? []]);

    /// <summary>Bytes; <c>null</c>: not to be seen.</summary>
    public long? FreeSpace { get; set; }

    /// <summary>Of local images, by id.</summary>
    public Dictionary<string, IReadOnlyList<string>> Layers { get; } = [];

    public Task<IReadOnlyList<string>> ReadLayersAsync(string imageId, CancellationToken cancellationToken) => Asked(() => Layers.GetValueOrDefault(imageId, []));

    public Task<long?> ReadFreeSpaceAsync(CancellationToken cancellationToken) => Asked(() => FreeSpace);

    public Task PullAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"pull {image.Name}@{image.Digest![..13]}{(platform is null ? "" : $" for {platform}")}", () => Add(image, platform));
        return Task.CompletedTask;
    }

    public Task TagAsync(string imageId, string tag, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"tag {tag}", () =>
        {
            var image = Find(imageId) ?? throw FailureException.Rejected($"the Docker Engine refused to tag {imageId}: no such image");
            Untag(tag);
            image.References.Add(tag);
        });
        return Task.CompletedTask;
    }

    public Task RemoveTagAsync(string tag, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"untag {tag}", () =>
        {
            Untag(tag);
            Images.RemoveAll(image => image.References.Count == 0 && !IsUsed(image));
        });
        return Task.CompletedTask;
    }

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"remove container {Containers.FirstOrDefault(container => container.Id == containerId)?.Name}", () => Containers.RemoveAll(container => container.Id == containerId));
        return Task.CompletedTask;
    }

    public Task<bool> RenameContainerAsync(string containerId, string name, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        if (Containers.Any(container => container.Name == name) || Containers.FirstOrDefault(container => container.Id == containerId) is not { } renamed)
        {
            return Task.FromResult(false);
        }

        calls.Do($"rename container {renamed.Name}", () => renamed.Name = name);
        return Task.FromResult(true);
    }

    public Task SignalContainerAsync(string containerId, string signal, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"signal {signal} to {Containers.FirstOrDefault(container => container.Id == containerId)?.Name}");
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<LiveNetwork>> ReadNetworksAsync(string project, CancellationToken cancellationToken) =>
        Asked<IReadOnlyList<LiveNetwork>>(() => [.. ProjectNetworks.Where(network => network.Name.StartsWith($"{project}_", StringComparison.Ordinal))]);

    public Task RemoveNetworkAsync(string networkId, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"remove network {networkId}", () => ProjectNetworks.RemoveAll(network => network.Id == networkId));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ContainerLogLine>> ReadLogsAsync(LiveContainer container, int lines, CancellationToken cancellationToken) => Asked<IReadOnlyList<ContainerLogLine>>(() =>
    {
        OnReadLogs?.Invoke();
        return LogTrouble is not null ? throw LogTrouble :
        [.. Containers.Single(candidate => candidate.Id == container.Id).Behaviour.LastWords.TakeLast(lines).Select(text => new ContainerLogLine(clock.Steady, container.Service, container.Name, text))];
    });

    public async IAsyncEnumerable<ContainerLogLine> FollowLogsAsync(string project, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        yield break;
    }

    public Task<ExecResult> ExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        Asked(() => ExecResults.GetValueOrDefault(string.Join(' ', command)) ?? new ExecResult(0, ""));

    /// <summary>Networks and volumes that exist.</summary>
    public HashSet<string> Networks { get; } = [];

    public HashSet<string> Volumes { get; } = [];

    public async IAsyncEnumerable<EngineEvent> FollowEventsAsync(DateTimeOffset since, Action listening, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        yield break;
    }

    public Task<IReadOnlySet<string>> FindNetworksAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => Asked<IReadOnlySet<string>>(() => Networks);

    public Task<IReadOnlySet<string>> FindVolumesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => Asked<IReadOnlySet<string>>(() => Volumes);

    public Task UnpauseContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        calls.Do($"unpause {Containers.Single(container => container.Id == containerId).Name}", () => Containers.Single(container => container.Id == containerId).IsPaused = false);
        return Task.CompletedTask;
    }

    /// <summary>What <c>docker image prune</c> takes: images without a tag that no container uses.</summary>
    public void Prune() => Images.RemoveAll(image => image.References.All(reference => reference.Contains('@')) && !IsUsed(image));

    /// <summary>All images that no container uses (<c>docker image prune --all</c>).</summary>
    public void PruneAll() => Images.RemoveAll(image => !IsUsed(image));

    /// <summary>The host starts again: what restarts always is back, the rest is stopped.</summary>
    public void Reboot()
    {
        foreach (var container in Containers.Where(container => container.StartedAt is not null))
        {
            if (container.RestartPolicy is "always" or "unless-stopped")
            {
                container.Start(clock.Steady);
            }
            else
            {
                container.Stop();
            }
        }
    }

    public void ThrowIfAway()
    {
        calls.Ask();
        if (IsAway)
        {
            throw Gone;
        }
    }

    /// <summary>An image that is here, by name, digest or id.</summary>
    internal LocalImage? Find(string reference) => Images.FirstOrDefault(image => image.Id == reference || image.References.Contains(reference));

    /// <summary>The image's content comes from the registry.</summary>
    internal LocalImage Add(ImageReference image, string? platform = null)
    {
        var behaviour = registry.Pull(image);
        var id = Some.Digest($"id of {image.Digest} {platform}");
        var local = Find(id) ?? new LocalImage(id, behaviour);
        Images.RemoveAll(other => other.Id == id);
        Images.Add(local);
        foreach (var other in Images)
        {
            other.References.Remove(image.Pinned(image.Digest!));
        }

        local.References.Add(image.Pinned(image.Digest!));
        return local;
    }

    /// <summary>Made here, not pulled.</summary>
    internal LocalImage Build(string content, string tag, ImageBehaviour behaviour)
    {
        var image = Find(Some.Digest(content)) ?? new LocalImage(Some.Digest(content), behaviour);
        Images.Remove(image);
        Images.Add(image);
        Untag(tag);
        image.References.Add(tag);
        return image;
    }

    internal string NextId() => Some.Hash($"container {created++}");

    private void Untag(string tag)
    {
        foreach (var image in Images)
        {
            image.References.Remove(tag);
        }
    }

    private bool IsUsed(LocalImage image) => Containers.Any(container => container.ImageId == image.Id);

    private Task<T> Asked<T>(Func<T> answer)
    {
        ThrowIfAway();
        return Task.FromResult(answer());
    }
}

/// <summary>An image on the host.</summary>
public sealed record LocalImage(string Id, ImageBehaviour Behaviour)
{
    /// <summary>Tags (<c>name:tag</c>) and digests (<c>name@sha256:…</c>) it is known by.</summary>
    public HashSet<string> References { get; } = [];
}
