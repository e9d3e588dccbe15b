using System.Text.Json.Nodes;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;

namespace Eclusier.Core.Drift;

/// <summary>Compares what is on the host with the release that should run there. Pure.</summary>
public static class DriftExam
{
    /// <summary>So many edited files are named.</summary>
    private const int MostFiles = 5;

    public static IReadOnlyList<Deviation> Examine(Release release, JsonObject model, HostLook host) =>
    [
        .. release.Services.SelectMany(service => OfService(release, service, model, host)),
        .. host.Live.Containers.Where(container => IsComposes(container) && release.Service(container.Service) is null)
            .Select(container => new Deviation(DeviationKind.Extra, $"container {container.Name}", $"belongs to a service that the release does not have: {container.Service}")),
        .. MissingOf(model, "networks", host.Networks, DeviationKind.NetworkMissing),
        .. MissingOf(model, "volumes", host.Volumes, DeviationKind.VolumeMissing),
        .. OfFiles(host.EditedFiles),
    ];

    /// <summary>The name that Compose gives a container, or the file asks for.</summary>
    /// <returns><c>null</c> when it cannot be told.</returns>
    public static string? NameOf(Release release, JsonObject model, LiveContainer container) =>
        ComposeModel.TextOf(model["services"]?[container.Service], "container_name")
        ?? (container.Labels.GetValueOrDefault("com.docker.compose.container-number") is { Length: > 0 } number ? $"{release.Project}-{container.Service}-{number}" : null);

    /// <summary>The name is not the one it was made with.</summary>
    public static bool IsRenamed(Release release, JsonObject model, LiveContainer container) =>
        NameOf(release, model, container) is { } name && container.Name != name
        && container.Name.Replace('_', '-') != name.Replace('_', '-'); // Compose's compatibility mode joins with '_'

    /// <summary>The names of the top-level <c>networks</c> or <c>volumes</c> on the host.</summary>
    public static IEnumerable<string> NamesOf(JsonObject model, string section) =>
        (model[section] as JsonObject ?? []).Select(entry => ComposeModel.TextOf(entry.Value, "name")).OfType<string>();

    private static IEnumerable<Deviation> OfService(Release release, ReleaseService service, JsonObject model, HostLook host)
    {
        var containers = host.Live.Of(service.Name).Where(IsComposes).ToList();
        if (containers.Count != service.Replicas)
        {
            var kind = containers.Count < service.Replicas ? DeviationKind.Missing : DeviationKind.Extra;
            yield return new Deviation(kind, $"service {service.Name}", $"has {containers.Count} of {service.Replicas} containers");
        }

        foreach (var container in containers)
        {
            if (OfContainer(release, service, model, container, host) is { } deviation)
            {
                yield return deviation;
            }
        }
    }

    private static Deviation? OfContainer(Release release, ReleaseService service, JsonObject model, LiveContainer container, HostLook host)
    {
        if (service.ConfigHash.Length > 0 && container.ConfigHash != service.ConfigHash)
        {
            return Of(DeviationKind.Replaced, "was made from another definition than the release's");
        }

        if (service.ImageId.Length > 0 && container.ImageId != service.ImageId)
        {
            return Of(DeviationKind.Replaced, $"runs image {Shown(container.ImageId)} instead of {Shown(service.ImageId)}");
        }

        if (IsRenamed(release, model, container))
        {
            return Of(DeviationKind.Renamed, $"should be called {NameOf(release, model, container)}");
        }

        return container.State switch
        {
            "running" => null,
            "restarting" => null, // the engine itself is at it
            "paused" => Of(DeviationKind.Paused, "is paused"),
            "exited" when container.HasFinishedWell && !host.StoppedByHand.Contains(container.Id) => null, // a job that did its work
            "exited" => Of(DeviationKind.Stopped, $"is stopped (exit code {container.ExitCode})"),
            _ => Of(DeviationKind.Stopped, $"is {container.State}"),
        };

        Deviation Of(DeviationKind kind, string text) => new(kind, $"container {container.Name}", text);
    }

    private static IEnumerable<Deviation> MissingOf(JsonObject model, string section, IReadOnlySet<string> present, DeviationKind kind) =>
        NamesOf(model, section).Where(name => !present.Contains(name)).Select(name => new Deviation(kind, $"{section[..^1]} {name}", "is gone"));

    private static IEnumerable<Deviation> OfFiles(IReadOnlyList<string> edited) => edited.Count == 0
        ? []
        : [new Deviation(DeviationKind.FileEdited, "work tree", $"differs from the commit: {string.Join(", ", edited.Take(MostFiles))}{(edited.Count > MostFiles ? $" and {edited.Count - MostFiles} more" : "")}")];

    /// <summary>What somebody only labelled as the project's is invisible to Compose: it can neither be healed nor be in the way.</summary>
    private static bool IsComposes(LiveContainer container) => !container.IsOneOff && container.ConfigHash.Length > 0;

    private static string Shown(string imageId) => imageId.Length > 19 ? imageId[..19] : imageId;
}

/// <summary>What of a stack was seen on the host.</summary>
/// <param name="Networks">The names of the networks of the host, of those that the release needs at least.</param>
/// <param name="Volumes">The names of the volumes, likewise.</param>
/// <param name="StoppedByHand">Ids of containers that somebody stopped: one that ended with 0 looks like a job that did its work.</param>
/// <param name="EditedFiles">Tracked files of the work tree that differ from the release's commit.</param>
public sealed record HostLook(
    LiveStack Live, IReadOnlySet<string> Networks, IReadOnlySet<string> Volumes, IReadOnlySet<string> StoppedByHand, IReadOnlyList<string> EditedFiles);
