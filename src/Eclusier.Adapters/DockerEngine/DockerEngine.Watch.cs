using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Eclusier.Core.Engine;

namespace Eclusier.Adapters.DockerEngine;

/// <content>What drift needs: events, networks, volumes, and small repairs.</content>
public sealed partial class DockerEngine : IEngineWatch
{
    // exec_create and the like, which healthchecks make all the time, are left out by the engine itself
    private static readonly Dictionary<string, IReadOnlyList<string>> WatchedEvents = new()
    {
        ["type"] = ["container", "network", "volume", "image"],
        ["event"] = ["create", "start", "die", "kill", "oom", "stop", "destroy", "rename", "pause", "unpause", "untag", "delete", "prune"],
    };

    public async IAsyncEnumerable<Core.Engine.EngineEvent> FollowEventsAsync(DateTimeOffset since, Action listening, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<Core.Engine.EngineEvent>(1024);
        var work = ListenAsync(since, listening, events.Writer, stop.Token);
        try
        {
            await foreach (var happened in events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return happened;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await work;
        }
    }

    public async Task<IReadOnlySet<string>> FindNetworksAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => names.Count == 0 ? new HashSet<string>() : await connection.CallAsync(
        $"list the networks {string.Join(", ", names)}",
        options.TimeLimit,
        async (api, token) => (await api.FindNetworksAsync(names, token)).Select(network => network.Name).ToHashSet(),
        cancellationToken);

    public async Task<IReadOnlySet<string>> FindVolumesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => names.Count == 0 ? new HashSet<string>() : await connection.CallAsync(
        $"list the volumes {string.Join(", ", names)}",
        options.TimeLimit,
        async (api, token) => ((await api.FindVolumesAsync(names, token)).Volumes ?? []).Select(volume => volume.Name).ToHashSet(),
        cancellationToken);

    public Task UnpauseContainerAsync(string containerId, CancellationToken cancellationToken) => connection.CallAsync(
        $"unpause the container {containerId}",
        options.TimeLimit,
        async (api, token) =>
        {
            await api.UnpauseContainerAsync(containerId, token);
            return true;
        },
        cancellationToken);

    /// <summary>Until the engine goes away, which the reader gets to know.</summary>
    private async Task ListenAsync(DateTimeOffset since, Action listening, ChannelWriter<Core.Engine.EngineEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await connection.CallAsync(
                "tell its events",
                async (api, token) =>
                {
                    await foreach (var line in api.ReadEventsAsync(WatchedEvents, since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), listening, token))
                    {
                        await events.WriteAsync(From(line), token);
                    }

                    return true;
                },
                cancellationToken);
            events.Complete();
        }
        catch (Exception exception) // goes to the reader
        {
            events.Complete(exception);
        }
    }

    private static Core.Engine.EngineEvent From(EngineEvent line)
    {
        string Attribute(string name) => line.Actor?.Attributes?.GetValueOrDefault(name) ?? "";

        return new Core.Engine.EngineEvent(
            DateTimeOffset.UnixEpoch.AddTicks(line.Nanoseconds / TimeSpan.NanosecondsPerTick), Attribute(LiveContainers.ProjectLabel), line.Action ?? "", line.Actor?.Id ?? "", Attribute("signal"))
        {
            Kind = line.Type ?? "",
        };
    }
}
