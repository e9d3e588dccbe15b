using System.Text.Json.Nodes;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Applying;

/// <summary>One application of a release, as far as services are concerned that are told by a signal: see <see cref="Reloads.Begin"/>.</summary>
/// <param name="compare">What is to do, now that these files (absolute) were edited and are as in the commit again.</param>
/// <param name="record">Writes down that all have loaded the release's files.</param>
public sealed partial class ReloadRound(
    Stack stack, JsonObject model, string workTree, IEngine engine, ILogger logger, Func<IReadOnlyList<string>, IReadOnlyDictionary<string, Reload>> compare, Action record)
{
    private IReadOnlyDictionary<string, Reload> reloads = new Dictionary<string, Reload>();
    private IReadOnlyList<LiveContainer> before = []; // those that had been started when the files were moved

    /// <summary>The files of the work tree, relative to it, that have to stay where they are on the disk.</summary>
    public IReadOnlyCollection<string> InPlace { get; } =
    [
        .. ComposeModel.ServicesOf(model).Where(service => ContentLabels.ReloadHashIn(model, service.Key) is not null)
            .SelectMany(service => ContentLabels.FilesIn(model, service.Key, workTree))
            .Where(path => path.StartsWith(workTree + "/", StringComparison.Ordinal)).Select(path => path[(workTree.Length + 1)..]).Distinct(),
    ];

    /// <summary>The files are the release's: what the containers are made of tells the rest.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>The files are the release's, and Compose has not begun.</summary>
    public async Task AfterMoveAsync(string project, IReadOnlyList<string> edited)
    {
        HasMoved = true;
        reloads = compare(edited);
        if (before.Count == 0 && reloads.Values.Any(reload => reload.Need is ReloadNeed.Signal))
        {
            before = [.. (await engine.ObserveAsync(project, CancellationToken.None)).Containers.Where(container => container.State is "running" or "paused")];
        }
    }

    /// <summary>Whether the service's container, where it stays, is told: files alone do not make it be recreated.</summary>
    public bool IsTold(string service) => reloads.ContainsKey(service);

    public bool NeedsRecreation(string service) => reloads.GetValueOrDefault(service)?.Need is ReloadNeed.Recreation;

    /// <summary>Compose is done: tells the containers that it left as they were. One that was started since has read the new files.</summary>
    public async Task FinishAsync(string project)
    {
        if (before.Count > 0)
        {
            var now = await engine.ObserveAsync(project, CancellationToken.None);
            foreach (var container in now.Containers.Where(container => !container.IsOneOff && before.Any(other => other.Id == container.Id && other.StartedAt == container.StartedAt)))
            {
                if (reloads.GetValueOrDefault(container.Service) is { Need: ReloadNeed.Signal } reload)
                {
                    await engine.SignalContainerAsync(container.Id, reload.Signal, CancellationToken.None);
                    Log.Told(logger, stack.Name, reload.Signal, container.Name);
                }
            }
        }

        record();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Sent {Signal} to {Container}: files that it mounts have changed")]
        public static partial void Told(ILogger logger, StackName stack, string signal, string container);
    }
}
