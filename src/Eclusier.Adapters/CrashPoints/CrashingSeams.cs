using System.Text.Json.Nodes;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.CrashPoints;

/// <summary>Release folders with a crash point before and after each write.</summary>
internal sealed class CrashingReleases(IReleaseStore releases, CrashPoint point) : IReleaseStore
{
    public void Publish(Release release, JsonObject model) => point.Around("releases.publish", () => releases.Publish(release, model));

    public Release Load(StackName stack, string id) => releases.Load(stack, id);

    public JsonObject LoadModel(StackName stack, string id) => releases.LoadModel(stack, id);

    public string ModelPath(StackName stack, string id) => releases.ModelPath(stack, id);

    public bool Exists(StackName stack, string id) => releases.Exists(stack, id);

    public IReadOnlyList<string> List(StackName stack) => releases.List(stack);

    public string? FindDamage(StackName stack, string id) => releases.FindDamage(stack, id);

    public string SetAside(StackName stack, string id, DateTimeOffset at) => point.Around("releases.set-aside", () => releases.SetAside(stack, id, at));

    public IReadOnlyList<SetAsideRelease> ListSetAside(StackName stack) => releases.ListSetAside(stack);

    public void Delete(StackName stack, string id) => point.Around("releases.delete", () => releases.Delete(stack, id));
}

/// <summary>A source with a crash point before and after each call.</summary>
internal sealed class CrashingSources(ISourceReader sources, CrashPoint point) : ISourceReader
{
    public Task<RemoteHeads> ReadHeadsAsync(Source source, IReadOnlyCollection<RevisionSelector> selectors, CancellationToken cancellationToken) =>
        point.AroundAsync("source.head", () => sources.ReadHeadsAsync(source, selectors, cancellationToken));

    public Task<Revision> FetchAsync(Source source, Head head, CancellationToken cancellationToken) =>
        point.AroundAsync("source.fetch", () => sources.FetchAsync(source, head, cancellationToken));

    public Task<bool> IsDescendantAsync(Source source, CommitId ancestor, CommitId descendant, CancellationToken cancellationToken) =>
        point.AroundAsync("source.is-descendant", () => sources.IsDescendantAsync(source, ancestor, descendant, cancellationToken));
}

/// <summary>Work trees with a crash point before and after each call.</summary>
internal sealed class CrashingWorkTree(IWorkTree workTree, CrashPoint point) : IWorkTree
{
    public string PathOf(Stack stack) => workTree.PathOf(stack);

    public Task<CommitId?> ReadCommitAsync(Stack stack, CancellationToken cancellationToken) =>
        point.AroundAsync("work-tree.read-commit", () => workTree.ReadCommitAsync(stack, cancellationToken));

    public Task<StagedTree> StageAsync(Stack stack, Revision revision, CancellationToken cancellationToken) =>
        point.AroundAsync("work-tree.stage", () => workTree.StageAsync(stack, revision, cancellationToken));

    public Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId commit, CancellationToken cancellationToken) => workTree.FindEditsAsync(stack, commit, cancellationToken);

    public Task<SavedEdits?> MoveAsync(Stack stack, CommitId commit, IReadOnlyCollection<string> inPlace, CancellationToken cancellationToken) =>
        point.AroundAsync("work-tree.move", () => workTree.MoveAsync(stack, commit, inPlace, cancellationToken));

    public Task KeepAsync(Stack stack, int releaseNumber, CommitId commit, CancellationToken cancellationToken) =>
        point.AroundAsync("work-tree.keep", () => workTree.KeepAsync(stack, releaseNumber, commit, cancellationToken));

    public Task ReleaseAsync(Stack stack, int releaseNumber, CancellationToken cancellationToken) =>
        point.AroundAsync("work-tree.release", () => workTree.ReleaseAsync(stack, releaseNumber, cancellationToken));
}

/// <summary>A registry with a crash point before and after each question.</summary>
internal sealed class CrashingRegistry(IRegistry registry, CrashPoint point) : IRegistry
{
    public Task<string> ResolveDigestAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken) =>
        point.AroundAsync("registry.resolve", () => registry.ResolveDigestAsync(image, access, cancellationToken));

    public Task<IReadOnlyDictionary<string, string>> ReadLabelsAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        point.AroundAsync("registry.labels", () => registry.ReadLabelsAsync(image, platform, access, cancellationToken));

    public Task<IReadOnlyList<ImageLayer>> ReadLayersAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        point.AroundAsync("registry.layers", () => registry.ReadLayersAsync(image, platform, access, cancellationToken));
}

/// <summary>Probes with a crash point before and after each.</summary>
internal sealed class CrashingProbes(IHealthProbe probes, CrashPoint point) : IHealthProbe
{
    public Task<ProbeResult> ProbeAsync(Stack stack, Probe probe, CancellationToken cancellationToken) =>
        point.AroundAsync("probe", () => probes.ProbeAsync(stack, probe, cancellationToken));
}
