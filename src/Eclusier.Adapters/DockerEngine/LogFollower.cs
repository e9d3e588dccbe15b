using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Follows the logs of a project's containers: those that run, and those that start later; an engine that went away is looked for again.</summary>
internal sealed class LogFollower(EngineConnection connection, string project)
{
    private readonly Lock gate = new();
    private readonly Channel<ContainerLogLine> lines = Channel.CreateBounded<ContainerLogLine>(1024);
    private readonly DateTimeOffset began = connection.Clock.GetUtcNow();

    // by container: the one that reads it now, and the last line that was handed on
    private readonly Dictionary<string, Task> followers = [];
    private readonly Dictionary<string, DateTimeOffset> lastLines = [];
    private readonly HashSet<string> startedAgain = [];

    private bool wasConnected;

    public async IAsyncEnumerable<ContainerLogLine> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(stop.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                try
                {
                    await ListenAsync(cancellationToken);
                }
                catch (FailureException exception) when (wasConnected && exception.Kind == FailureKind.Transient)
                {
                    // the engine was there before: it will come back
                }

                await Task.Delay(connection.Options.ReconnectDelay, connection.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the reader has had enough
        }
        catch (Exception exception)
        {
            failure = exception; // goes to the reader
        }

        lines.Writer.Complete(failure);
    }

    /// <summary>Until the engine goes away.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var since = connection.Clock.GetUtcNow().AddSeconds(-2); // from before the list, so that nothing falls between the two
        var events = connection.CallAsync(
            $"tell the events of {project}",
            async (api, token) =>
            {
                await foreach (var start in api.ReadEventsAsync(Starts(), UnixTime(since), listening: null, token))
                {
                    BeginStarted(start, stop);
                }

                return true;
            },
            stop.Token);
        try
        {
            var running = await connection.CallAsync(
                $"list the containers of {project}",
                connection.Options.TimeLimit,
                (api, token) => api.ListContainersAsync(project, all: false, token),
                cancellationToken);
            wasConnected = true;
            foreach (var container in running)
            {
                Begin(container.Id, container.Label(LiveContainers.ServiceLabel), container.Name, isStart: false, stop);
            }

            await events;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // a follower lost its stream: look at everything again
        }
        finally
        {
            await stop.CancelAsync();
            await events.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Task[] remaining;
            lock (gate)
            {
                remaining = [.. followers.Values];
            }

            await Task.WhenAll(remaining);
        }
    }

    private void Begin(string id, string service, string name, bool isStart, CancellationTokenSource listening)
    {
        lock (gate)
        {
            if (followers.ContainsKey(id))
            {
                if (isStart)
                {
                    startedAgain.Add(id); // its follower is just about to reach the old end
                }

                return;
            }

            followers[id] = Task.Run(() => FollowContainerAsync(id, service, name, listening), CancellationToken.None);
        }
    }

    private async Task FollowContainerAsync(string id, string service, string name, CancellationTokenSource listening)
    {
        try
        {
            do
            {
                await connection.CallAsync(
                    $"tell the logs of {name}",
                    async (api, token) =>
                    {
                        DateTimeOffset? last;
                        lock (gate)
                        {
                            last = lastLines.TryGetValue(id, out var known) ? known : null;
                        }

                        using var output = await api.ReadLogsAsync(id, follow: true, UnixTime(last ?? began), tail: null, token);
                        await ContainerLogs.ReadAsync(output, (service, name), connection.Clock, line => HandOnAsync(id, line, last, token), token);
                        return true;
                    },
                    listening.Token);
            }
            while (!Ends(id));
        }
        catch (FailureException exception) when (exception.Kind == FailureKind.Transient)
        {
            Forget(id);
            await listening.CancelAsync();
        }
        catch (FailureException exception)
        {
            // gone already, or its log driver cannot be read: nothing more will come of it
            Forget(id);
            lines.Writer.TryWrite(new ContainerLogLine(connection.Clock.GetUtcNow(), service, name, $"(its log cannot be followed: {exception.Message})"));
        }
        catch (OperationCanceledException)
        {
            Forget(id);
        }
    }

    private ValueTask HandOnAsync(string id, ContainerLogLine line, DateTimeOffset? last, CancellationToken cancellationToken)
    {
        if (line.At <= last)
        {
            return ValueTask.CompletedTask; // "since" includes the line it names
        }

        lock (gate)
        {
            lastLines[id] = line.At;
        }

        return lines.Writer.WriteAsync(line, cancellationToken);
    }

    private bool Ends(string id)
    {
        lock (gate)
        {
            return !startedAgain.Remove(id) && followers.Remove(id);
        }
    }

    private void Forget(string id)
    {
        lock (gate)
        {
            followers.Remove(id);
            startedAgain.Remove(id);
        }
    }

    private void BeginStarted(EngineEvent start, CancellationTokenSource listening)
    {
        if (start.Actor is { Id: { } id, Attributes: { } attributes })
        {
            Begin(id, attributes.GetValueOrDefault(LiveContainers.ServiceLabel, ""), attributes.GetValueOrDefault("name", id), isStart: true, listening);
        }
    }

    private Dictionary<string, IReadOnlyList<string>> Starts() => new(EngineApi.OfProject(project)) { ["type"] = ["container"], ["event"] = ["start"] };

    private static string UnixTime(DateTimeOffset moment)
    {
        var ticks = (moment - DateTimeOffset.UnixEpoch).Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond:D7}00");
    }
}
