using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;

namespace Eclusier.Core.Applying;

/// <summary>Puts right on the host what <c>compose up</c> stumbles over or does not see: paused and renamed containers, lost networks, overwritten files.</summary>
public sealed class Repairs(IEngine engine, IEngineWatch watch)
{
    /// <param name="live">What runs, and what does not.</param>
    /// <param name="edited">Paths of files that were edited on the host and are as in the commit again.</param>
    /// <param name="round">Which services are told of their files.</param>
    /// <returns>Services whose containers have to be made anew although their definition did not change.</returns>
    public async Task<IReadOnlyList<string>> MakeAsync(Release release, JsonObject model, LiveStack live, IReadOnlyList<string> edited, ReloadRound round)
    {
        var kept = live.Containers.Where(container => !container.IsOneOff && IsOf(release, container)).ToList();
        foreach (var container in kept.Where(container => container.State == "paused"))
        {
            await watch.UnpauseContainerAsync(container.Id, CancellationToken.None);
        }

        foreach (var container in kept.Where(container => DriftExam.IsRenamed(release, model, container)))
        {
            await RenameAsync(container, DriftExam.NameOf(release, model, container)!, live);
        }

        // a stopped container keeps asking for the network that is gone, though another has its name by now
        var networks = DriftExam.NamesOf(model, "networks").ToList();
        var lostNetworks = kept.Any(container => container.State is "exited" or "created" or "dead")
            && networks.Except(await watch.FindNetworksAsync(networks, CancellationToken.None)).Any();
        return [.. kept
            .Where(container => (lostNetworks && container.State is "exited" or "created" or "dead") || (round.IsTold(container.Service) ? round.NeedsRecreation(container.Service) : Mounts(model, container.Service, edited)))
            .Select(container => container.Service).Distinct()];
    }

    private async Task RenameAsync(LiveContainer container, string name, LiveStack live)
    {
        if (live.Containers.All(other => other.Name != name) && !await engine.RenameContainerAsync(container.Id, name, CancellationToken.None))
        {
            throw FailureException.Rejected($"the container {container.Name} cannot be called {name} again: another project's container has that name");
        }
    }

    /// <summary>A container that the coming <c>up</c> will keep.</summary>
    private static bool IsOf(Release release, LiveContainer container) =>
        release.Service(container.Service) is { } service && (service.ConfigHash.Length == 0 || service.ConfigHash == container.ConfigHash);

    /// <summary>A container that mounts an edited file still sees the edit: it keeps the old file, or has read it at its start.</summary>
    private static bool Mounts(JsonObject model, string service, IReadOnlyList<string> edited) =>
        edited.Count > 0 && ComposeModel.MountedPathsOf(model, service).Any(mount => edited.Any(file => file == mount || file.StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal)));
}
