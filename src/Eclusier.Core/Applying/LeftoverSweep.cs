using System.Text.RegularExpressions;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Applying;

/// <summary>Puts in order what an interrupted <c>up</c> left, where the next one would not. Only containers and networks of the project; never a volume.</summary>
/// <remarks>
/// Compose replaces a container in this order: create the new one as <c>&lt;12 hex&gt;_NAME</c>, stop the old, remove it, rename, start.
/// The new one has taken over the old one's anonymous volumes: where it is the only one left, it gets its name instead of being removed.
/// </remarks>
public sealed partial class LeftoverSweep(IEngine engine, IReleaseStore releases, ILogger<LeftoverSweep> logger)
{
    private const int TemporaryPrefix = 13; // twelve digits and a line

    /// <summary>An interrupted <c>up</c> was about to put this container in the place of another, or had just done so.</summary>
    public static bool IsHalfway(LiveContainer container) => TemporaryName().IsMatch(container.Name);

    /// <summary>The engine died while it started this container: it refuses to start it ever again.</summary>
    public static bool IsStuck(LiveContainer container) => !container.IsRunning && container.Error.Contains("id already in use", StringComparison.Ordinal);

    /// <summary>Before each <c>up</c>.</summary>
    /// <returns>What there is now.</returns>
    public async Task<LiveStack> RunAsync(Stack stack, Release release, CancellationToken cancellationToken)
    {
        var (observing, listing) = (engine.ObserveAsync(release.Project, cancellationToken), engine.ReadNetworksAsync(release.Project, cancellationToken));
        await Task.WhenAll(observing, listing);
        var live = await observing;
        var own = live.Containers.Where(container => container.Service.Length > 0 && !container.IsOneOff).ToList();
        var hasChanged = await SettleNamesAsync(stack, release, own, cancellationToken);
        hasChanged |= await RemoveStuckAsync(stack, own, cancellationToken);
        hasChanged |= await RemoveDuplicateNetworksAsync(stack, await listing, own, cancellationToken);
        return hasChanged ? await engine.ObserveAsync(release.Project, cancellationToken) : live;
    }

    /// <returns>Whether there was anything to put in order; so do the others.</returns>
    private async Task<bool> SettleNamesAsync(Stack stack, Release release, List<LiveContainer> own, CancellationToken cancellationToken)
    {
        var halfway = own.Where(IsHalfway).ToList();
        if (halfway.Count == 0)
        {
            return false;
        }

        var meant = ComposeModel.ServicesOf(releases.LoadModel(release.Stack, release.Id)).Select(service => ComposeModel.TextOf(service.Value, "container_name")).OfType<string>().ToHashSet();
        foreach (var rivals in halfway.Where(container => !meant.Contains(container.Name)).GroupBy(container => container.Name[TemporaryPrefix..]))
        {
            var heir = own.Any(container => container.Name == rivals.Key) ? null : rivals.OrderByDescending(container => container.IsRunning).ThenByDescending(container => container.StartedAt).First();
            foreach (var other in rivals.Where(container => container != heir))
            {
                await engine.RemoveContainerAsync(other.Id, cancellationToken);
                Log.Removed(logger, stack.Name, other.Name);
            }

            if (heir is not null && await engine.RenameContainerAsync(heir.Id, rivals.Key, cancellationToken)) // else somebody else has the name: `up` will say so
            {
                Log.Renamed(logger, stack.Name, heir.Name, rivals.Key);
            }
        }

        return true;
    }

    private async Task<bool> RemoveStuckAsync(Stack stack, List<LiveContainer> own, CancellationToken cancellationToken)
    {
        var stuck = own.Where(IsStuck).ToList();
        foreach (var container in stuck)
        {
            await engine.RemoveContainerAsync(container.Id, cancellationToken);
            Log.RemovedStuck(logger, stack.Name, container.Name, container.Error);
        }

        return stuck.Count > 0;
    }

    /// <summary>Two <c>up</c>s at once each made the network, and Compose calls the name ambiguous from then on.</summary>
    private async Task<bool> RemoveDuplicateNetworksAsync(Stack stack, IReadOnlyList<LiveNetwork> networks, List<LiveContainer> own, CancellationToken cancellationToken)
    {
        var duplicates = networks.GroupBy(network => network.Name).Where(group => group.Count() > 1).ToList();
        foreach (var namesakes in duplicates)
        {
            bool IsUsed(LiveNetwork network) => own.Any(container => container.IsRunning && container.Networks.Contains(network.Id));

            var kept = namesakes.OrderByDescending(network => own.Count(container => container.IsRunning && container.Networks.Contains(network.Id)))
                .ThenByDescending(network => own.Count(container => container.Networks.Contains(network.Id)))
                .ThenBy(network => network.Id, StringComparer.Ordinal).First();
            foreach (var other in namesakes.Where(network => network != kept && !IsUsed(network)))
            {
                foreach (var container in own.Where(container => container.Networks.Contains(other.Id)))
                {
                    await engine.RemoveContainerAsync(container.Id, cancellationToken); // it does not run, and could not be started any more
                }

                await engine.RemoveNetworkAsync(other.Id, cancellationToken);
                Log.RemovedNetwork(logger, stack.Name, other.Name, other.Id[..12]);
            }
        }

        return duplicates.Count > 0;
    }

    [GeneratedRegex("^[0-9a-f]{12}_.")]
    private static partial Regex TemporaryName();

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Removed the container {Container}, which an interrupted `compose up` left")]
        public static partial void Removed(ILogger logger, StackName stack, string container);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Gave the container {Container} the name that an interrupted `compose up` meant for it: {Name}")]
        public static partial void Renamed(ILogger logger, StackName stack, string container, string name);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Removed the container {Container}, which the engine could not start any more: {Error}")]
        public static partial void RemovedStuck(ILogger logger, StackName stack, string container, string error);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Removed a second network {Network} ({Id}), which nothing uses")]
        public static partial void RemovedNetwork(ILogger logger, StackName stack, string network, string id);
    }
}
