using System.Text.Json.Nodes;
using Eclusier.Core.Applying;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;

namespace Eclusier.Core.Planning;

/// <summary>Compares what should run with what runs.</summary>
public sealed class Planner(IEngine engine, IHostPorts hostPorts)
{
    /// <param name="running">The model of the release that runs, for the reasons; <c>null</c> when none is known.</param>
    /// <param name="reloads">What is asked of services that are told by a signal.</param>
    public async Task<Plan> PlanAsync(
        string project, JsonObject model, IReadOnlyList<ReleaseService> services, JsonObject? running, IReadOnlyDictionary<string, Reload> reloads, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(project, cancellationToken);
        var changes = Compare(model, services, live, running, reloads);
        return new Plan(changes, await FindTakenPortsAsync(project, model, changes, live, cancellationToken));
    }

    /// <summary>Pure: the changes that make the live project run the model.</summary>
    public static IReadOnlyList<ServiceChange> Compare(JsonObject model, IReadOnlyList<ReleaseService> services, LiveStack live, JsonObject? running, IReadOnlyDictionary<string, Reload> reloads)
    {
        var definitions = ComposeModel.ServicesOf(model).ToDictionary();
        var before = running is null ? [] : ComposeModel.ServicesOf(running).ToDictionary();
        var changes = services.Select(service =>
        {
            var contents = (ContentLabels.KeptIn(running, service.Name), ContentLabels.KeptIn(model, service.Name));
            var change = ChangeOf(service, definitions[service.Name], [.. live.Of(service.Name)], before.GetValueOrDefault(service.Name), contents);
            return change.Action is ServiceAction.Keep ? ReloadOf(service.Name, reloads.GetValueOrDefault(service.Name), contents) ?? change : change;
        });
        var removed = live.Containers.Where(container => !container.IsOneOff && services.All(service => service.Name != container.Service))
            .Select(container => container.Service).Distinct()
            .Select(service => new ServiceChange(service, ServiceAction.Remove, ["no longer in the project"]));
        return [.. changes.Concat(removed)];
    }

    private static ServiceChange ChangeOf(ReleaseService service, JsonObject definition, IReadOnlyList<LiveContainer> containers, JsonObject? before, (JsonObject? Before, JsonObject? After) contents)
    {
        if (containers.Count == 0 && service.Replicas > 0)
        {
            return new ServiceChange(service.Name, ServiceAction.Create, before is null ? ["new"] : ["its container is gone"]);
        }

        var different = containers.Where(container => service.ConfigHash.Length > 0 ? container.ConfigHash != service.ConfigHash : !RunsImage(container, service)).ToList();
        if (different.Count > 0)
        {
            var reasons = ModelDifference.Between(before, definition, contents);
            return new ServiceChange(service.Name, ServiceAction.Recreate, reasons.Count > 0 ? reasons : ["its container was not made from this definition"]);
        }

        return containers.Count != service.Replicas
            ? new ServiceChange(service.Name, ServiceAction.Scale, [$"{containers.Count} → {service.Replicas}"])
            : containers.FirstOrDefault(container => !container.IsRunning && !container.HasFinishedWell) is { } stopped
                ? new ServiceChange(service.Name, ServiceAction.Start, [$"it is {stopped.State}"])
                : new ServiceChange(service.Name, ServiceAction.Keep, []);
    }

    private static ServiceChange? ReloadOf(string service, Reload? reload, (JsonObject? Before, JsonObject? After) contents)
    {
        var changed = ModelDifference.OfContents(contents);
        return reload?.Need switch
        {
            ReloadNeed.Signal => new ServiceChange(service, ServiceAction.Signal, changed.Count > 0 ? changed : ["whether it was told of its files is not known"]) { Signal = reload.Signal },
            ReloadNeed.Recreation => new ServiceChange(service, ServiceAction.Recreate, [.. changed, $"it would not see its files after {reload.Signal}: they are others on the disk than it mounts"]),
            _ => null,
        };
    }

    private static bool RunsImage(LiveContainer container, ReleaseService service) =>
        service.ImageId.Length == 0 ? container.Image == service.Reference : container.ImageId == service.ImageId;

    private async Task<IReadOnlyList<string>> FindTakenPortsAsync(
        string project, JsonObject model, IReadOnlyList<ServiceChange> changes, LiveStack live, CancellationToken cancellationToken)
    {
        var wanted = ComposeModel.ServicesOf(model)
            .Where(service => changes.Any(change => change.Service == service.Key && change.Action is ServiceAction.Create or ServiceAction.Recreate or ServiceAction.Start))
            .SelectMany(service => ComposeModel.PublishedPortsOf(service.Value).Select(port => (Service: service.Key, Port: port)))
            .ToList();
        if (wanted.Count == 0)
        {
            return [];
        }

        var own = live.Containers.SelectMany(container => container.Ports).ToList();
        var foreign = await engine.ReadForeignPortsAsync(project, cancellationToken);
        var listening = hostPorts.ReadListening();
        return
        [
            .. wanted.Select(want => foreign.FirstOrDefault(holder => Meet(holder.Port, want.Port)) is { } holder
                    ? $"port {want.Port} of service {want.Service} is taken by container {holder.ContainerName}"
                    : !own.Any(port => Meet(port, want.Port)) && listening.Any(port => Meet(port, want.Port))
                        ? $"port {want.Port} of service {want.Service} is taken by a program on this host"
                        : null)
                .OfType<string>().Distinct(),
        ];
    }

    private static bool Meet(HostPort one, HostPort other) =>
        one.Port == other.Port && one.Protocol == other.Protocol && (one.Address == other.Address || IsAny(one.Address) || IsAny(other.Address));

    private static bool IsAny(string address) => address is "" or "0.0.0.0" or "::";
}
