using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Planning;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>How two releases of a stack differ. Values of variables are never told.</summary>
public sealed record ComparisonReport
{
    public required string Stack { get; init; }

    public required ReleaseSummary From { get; init; }

    public required ReleaseSummary To { get; init; }

    /// <summary>Those that differ.</summary>
    public IReadOnlyList<ServiceComparison> Services { get; init; } = [];

    /// <summary>What differs beside the services: <c>network backend</c>, <c>compose files</c>.</summary>
    public IReadOnlyList<string> Shared { get; init; } = [];

    public bool IsEmpty => Services.Count == 0 && Shared.Count == 0;
}

/// <summary>What became of one service.</summary>
/// <param name="Fate"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
public sealed record ServiceComparison(string Service, string Fate)
{
    public ImageComparison? ImageBefore { get; init; }

    public ImageComparison? ImageAfter { get; init; }

    /// <summary>Names of variables.</summary>
    public NamesComparison Environment { get; init; } = new([], [], []);

    /// <summary>Mounted files, configs, secrets, networks and volumes.</summary>
    public NamesComparison Contents { get; init; } = new([], [], []);

    /// <summary>Other keys of the definition.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}

/// <param name="Image">As the Compose file names it.</param>
/// <param name="Reference">As the release runs it.</param>
public sealed record ImageComparison(string Image, string Reference);

public sealed record NamesComparison(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed);

/// <summary>Compares releases by what is kept of them.</summary>
internal static class Comparisons
{
    /// <returns><c>null</c> when there is no such release.</returns>
    /// <exception cref="RequestException">A release's folder is damaged or was cleared away.</exception>
    public static ComparisonReport? Between(StackName stack, int from, int to, IJournal journal, IReleaseStore releases)
    {
        if (journal.FindRelease(stack, from) is not { } before || journal.FindRelease(stack, to) is not { } after)
        {
            return null;
        }

        var difference = ReleaseComparison.Between(Load(before), Load(after));
        var lastKnownGood = journal.ReadState(stack).LastKnownGood;
        return new ComparisonReport
        {
            Stack = stack.Value,
            From = Reports.Of(before, lastKnownGood),
            To = Reports.Of(after, lastKnownGood),
            Services = [.. difference.Services.Select(Of)],
            Shared = difference.Shared,
        };

        (Release Release, JsonObject Model) Load(ReleaseEntry entry) => releases.FindDamage(stack, entry.Id) is { } damage
            ? throw new RequestException($"release #{entry.Number} cannot be compared: {damage}")
            : (releases.Load(stack, entry.Id), releases.LoadModel(stack, entry.Id));
    }

    private static ServiceComparison Of(ServiceDifference service) => new(service.Service, service.Fate.ToWord())
    {
        ImageBefore = Of(service.ImageBefore),
        ImageAfter = Of(service.ImageAfter),
        Environment = Of(service.Environment),
        Contents = Of(service.Contents),
        Keys = service.Keys,
    };

    private static ImageComparison? Of(ImageOfRelease? image) => image is null ? null : new ImageComparison(image.Written, image.Reference);

    private static NamesComparison Of(NamedChanges changes) => new(changes.Added, changes.Removed, changes.Changed);
}
