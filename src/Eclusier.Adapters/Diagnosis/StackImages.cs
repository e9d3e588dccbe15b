using Eclusier.Core.Compose;
using Eclusier.Core.Images;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The images that a stack has from registries, as its Compose files name them: those of its work tree or, where nothing is deployed yet, of its newest commit.</summary>
/// <param name="workTree">Its own work trees and mirrors are in a folder that is thrown away.</param>
/// <param name="stateDirectory">The agent's, which is only read.</param>
public sealed class StackImages(Stack stack, ISourceReader sources, IWorkTree workTree, ICompose compose, string stateDirectory)
{
    private readonly Lock gate = new();
    private Task<IReadOnlyList<ImageReference>>? reading;

    public Stack Stack => stack;

    /// <summary>Where the stack's files are, or will be.</summary>
    public string WorkTreePath => stack.Checkout ?? Path.Combine(stateDirectory, "stacks", stack.Name.Value, "work");

    /// <summary>Read once, whoever asks.</summary>
    public Task<IReadOnlyList<ImageReference>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return reading ??= RenderAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<ImageReference>> RenderAsync(CancellationToken cancellationToken)
    {
        var rendered = await RenderWorkTreeAsync(cancellationToken) ?? await RenderNewestAsync(cancellationToken);
        return
        [
            .. ComposeModel.ServicesOf(rendered.Model)
                .Where(service => !ComposeModel.IsBuilt(service.Value) && !ComposeModel.IsLocalOnly(service.Value))
                .Select(service => ImageReference.TryParse(ComposeModel.ImageOf(rendered.Project, service.Key, service.Value), out var image) ? image : null)
                .OfType<ImageReference>().DistinctBy(image => image.ToString()),
        ];
    }

    private async Task<RenderedModel?> RenderWorkTreeAsync(CancellationToken cancellationToken)
    {
        var placed = stack with { Checkout = WorkTreePath };
        return Directory.Exists(Path.Combine(WorkTreePath, stack.Directory)) && await workTree.ReadCommitAsync(placed, cancellationToken) is { } commit
            ? await compose.RenderAsync(placed, new Revision($"{stack.Source.Selector}", commit, "", DateTimeOffset.UnixEpoch, ""), new StagedTree(WorkTreePath, new Dictionary<string, string>()), cancellationToken)
            : null;
    }

    private async Task<RenderedModel> RenderNewestAsync(CancellationToken cancellationToken)
    {
        var fresh = stack with { Checkout = null };
        var revision = await sources.FetchAsync(stack.Source, await sources.ReadHeadAsync(stack.Source, cancellationToken), cancellationToken);
        return await compose.RenderAsync(fresh, revision, await workTree.StageAsync(fresh, revision, cancellationToken), cancellationToken);
    }
}
