using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Preparing;

/// <summary>
/// Leaves services that were started without Eclusier, and run just what a release wants, as they are written: Compose takes another spelling of
/// the same image, or one more label, for a change, and recreates the container.
/// </summary>
public sealed class TakenOver(IEngine engine, ICompose compose, IWorkTree workTree, IReleaseStore releases, IJournal journal)
{
    /// <param name="model">With locked images and content labels; services that run so as they are written get that spelling back.</param>
    /// <param name="contents">What the services reach, by service.</param>
    /// <returns>The names of those services.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(
        Stack stack, Draft draft, JsonObject model, IReadOnlyCollection<ReleaseService> services, IReadOnlyDictionary<string, SortedDictionary<string, string>> contents, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(draft.Rendered.Project, cancellationToken);
        var alike = new List<ReleaseService>();
        foreach (var service in services)
        {
            var containers = live.Of(service.Name).ToList();
            if (containers.Count > 0 && service.Image != service.Reference && containers.All(container => container.Image == service.Image) && await RunImageAsync(containers, service, cancellationToken))
            {
                alike.Add(service);
            }
        }

        if (alike.Count == 0)
        {
            return [];
        }

        var written = Written(model, alike);
        var hashes = await compose.ReadConfigHashesAsync(written, cancellationToken);
        var kept = new List<string>();
        foreach (var service in alike.Where(service => live.Of(service.Name).All(container => container.ConfigHash == hashes.GetValueOrDefault(service.Name))))
        {
            if (!contents.TryGetValue(service.Name, out var reached) || await IsReachedAlreadyAsync(stack, draft.Revision, written, service.Name, reached, cancellationToken))
            {
                kept.Add(service.Name);
                model["services"]![service.Name] = written["services"]![service.Name]!.DeepClone();
            }
        }

        return kept;
    }

    /// <summary>The names by which a release's model has its images where those are not the pinned ones, with the ids that they must lead to.</summary>
    public static IEnumerable<(string Name, string ImageId)> NamesIn(JsonObject model, Release release) =>
        from service in release.Services
        let name = ComposeModel.TextOf(model["services"]?[service.Name], "image")
        where name is not null && name != service.Reference && ImageReference.TryParse(name, out var image) && image.Digest is null
        select ($"{ImageReference.Parse(name).Name}:{ImageReference.Parse(name).TagOrDefault}", service.ImageId);

    private async Task<bool> RunImageAsync(List<LiveContainer> containers, ReleaseService service, CancellationToken cancellationToken)
    {
        if (service.IsBuilt)
        {
            return containers.All(container => container.ImageId == service.Reference);
        }

        var digest = ImageReference.Parse(service.Reference).Digest;
        foreach (var id in containers.Select(container => container.ImageId).Distinct())
        {
            if (!(await engine.ReadRepositoryDigestsAsync(id, cancellationToken)).Any(known => ImageReference.TryParse(known, out var image) && image.Digest == digest))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The model as it is without Eclusier's digest and label of these services.</summary>
    internal static JsonObject Written(JsonObject model, IEnumerable<ReleaseService> services)
    {
        var written = (JsonObject)model.DeepClone();
        foreach (var service in services)
        {
            var definition = written["services"]![service.Name]!.AsObject();
            definition["image"] = service.Image;
            if (definition["labels"] is JsonObject labels && labels.Remove(ContentLabels.Label) && labels.Count == 0)
            {
                definition.Remove("labels");
            }
        }

        return written;
    }

    /// <summary>Without the label a changed file would be overlooked. What it was is known of a release; before the first one, of a clone: by what moving it would change.</summary>
    private async Task<bool> IsReachedAlreadyAsync(Stack stack, Revision revision, JsonObject written, string service, SortedDictionary<string, string> reached, CancellationToken cancellationToken)
    {
        var isTold = ReloadSignal.Of(written["services"]![service] as JsonObject) is not null;
        var lastKnownGood = journal.ReadState(stack.Name).LastKnownGood is { } number ? journal.FindRelease(stack.Name, number) : null;
        if (lastKnownGood is { Number: > 0 })
        {
            var known = releases.FindWholeModel(stack.Name, lastKnownGood.Id) is { } model ? ContentLabels.KeptIn(model, service) : null;
            return known is not null && known.Count == reached.Count && reached.All(content => known[content.Key]?.GetValue<string>() == content.Value || (isTold && ContentLabels.IsFile(written, content.Key)));
        }

        if (stack.Checkout is null)
        {
            return false;
        }

        var changes = await workTree.FindEditsAsync(stack, revision.Commit, cancellationToken);
        return changes.Count == 0 || (reached.Keys.All(ContentLabels.IsPath) && !reached.Keys.Any(path => changes.Any(change => path.Length == 0 || change == path || change.StartsWith(path + "/", StringComparison.Ordinal))));
    }
}
