using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>The engine through its API.</summary>
public sealed partial class DockerEngine(DockerCredentials credentials, TimeProvider timeProvider, DockerEngineOptions options) : IEngine, IInsecureRegistries, IDisposable
{
    private const int InspectionsAtOnce = 4;

    private const int LongestOutput = 4096;

    private static readonly TimeSpan InsecureRegistriesLifetime = TimeSpan.FromMinutes(10);

    private readonly EngineConnection connection = new(options, timeProvider);
    private InsecureList? insecureRegistries;

    public Task<string> ReadVersionAsync(CancellationToken cancellationToken) => connection.CallAsync(
        "tell its version",
        options.PingTimeLimit,
        async (api, token) => (await api.ReadVersionAsync(token)).Version ?? "",
        cancellationToken);

    public async Task<LiveStack> ObserveAsync(string project, CancellationToken cancellationToken)
    {
        var listed = await connection.CallAsync(
            $"list the containers of {project}",
            options.TimeLimit,
            (api, token) => api.ListContainersAsync(project, all: true, token),
            cancellationToken);
        var found = new ConcurrentBag<LiveContainer>();
        await Parallel.ForEachAsync(
            listed,
            new ParallelOptions { MaxDegreeOfParallelism = InspectionsAtOnce, CancellationToken = cancellationToken },
            async (container, token) =>
            {
                if (await InspectAsync(container.Id, token) is { } live)
                {
                    found.Add(live);
                }
            });
        return new LiveStack([.. found.OrderBy(container => container.Service, StringComparer.Ordinal).ThenBy(container => container.Name, StringComparer.Ordinal)]);
    }

    public async Task<IReadOnlyList<PortHolder>> ReadForeignPortsAsync(string project, CancellationToken cancellationToken)
    {
        var running = await connection.CallAsync(
            "list the running containers",
            options.TimeLimit,
            (api, token) => api.ListContainersAsync(project: null, all: false, token),
            cancellationToken);
        return
        [
            .. running
                .Where(container => container.Label(LiveContainers.ProjectLabel) != project)
                .SelectMany(LiveContainers.PortsOf)
                .Distinct(),
        ];
    }

    public Task RemoveContainerAsync(string containerId, CancellationToken cancellationToken) => connection.CallAsync(
        $"remove the container {containerId}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                return await UnlessMissingAsync(api.RemoveContainerAsync(containerId, token));
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.Conflict && exception.Message.Contains("already in progress", StringComparison.Ordinal))
            {
                return true; // somebody else is removing it right now
            }
        },
        cancellationToken);

    public Task<bool> RenameContainerAsync(string containerId, string name, CancellationToken cancellationToken) => connection.CallAsync(
        $"rename the container {containerId} to {name}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                return await UnlessMissingAsync(api.RenameContainerAsync(containerId, name, token));
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.Conflict)
            {
                return false;
            }
        },
        cancellationToken);

    public Task SignalContainerAsync(string containerId, string signal, CancellationToken cancellationToken) => connection.CallAsync(
        $"send {signal} to the container {containerId}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                return await UnlessMissingAsync(api.KillContainerAsync(containerId, signal, token));
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.Conflict)
            {
                return false; // it does not run
            }
        },
        cancellationToken);

    public async Task<IReadOnlyList<LiveNetwork>> ReadNetworksAsync(string project, CancellationToken cancellationToken)
    {
        var networks = await connection.CallAsync(
            $"list the networks of {project}",
            options.TimeLimit,
            (api, token) => api.ListNetworksAsync(project, token),
            cancellationToken);
        return [.. networks.Select(network => new LiveNetwork(network.Id, network.Name))];
    }

    public Task RemoveNetworkAsync(string networkId, CancellationToken cancellationToken) => connection.CallAsync(
        $"remove the network {networkId}",
        options.TimeLimit,
        (api, token) => UnlessMissingAsync(api.RemoveNetworkAsync(networkId, token)),
        cancellationToken);

    public Task<IReadOnlyList<ContainerLogLine>> ReadLogsAsync(LiveContainer container, int lines, CancellationToken cancellationToken) => connection.CallAsync(
        $"read the logs of {container.Name}",
        options.TimeLimit,
        async Task<IReadOnlyList<ContainerLogLine>> (api, token) =>
        {
            var kept = new Queue<ContainerLogLine>();
            try
            {
                using var output = await api.ReadLogsAsync(container.Id, follow: false, since: null, lines, token);
                await ContainerLogs.ReadAsync(output, (container.Service, container.Name), timeProvider, Keep, token);
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.NotFound)
            {
                // gone in the meantime, and its log with it
            }

            return [.. kept];

            ValueTask Keep(ContainerLogLine line)
            {
                kept.Enqueue(line);
                if (kept.Count > lines)
                {
                    kept.Dequeue();
                }

                return ValueTask.CompletedTask;
            }
        },
        cancellationToken);

    public IAsyncEnumerable<ContainerLogLine> FollowLogsAsync(string project, CancellationToken cancellationToken) =>
        new LogFollower(connection, project).FollowAsync(cancellationToken);

    public Task<ExecResult> ExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken) => connection.CallAsync(
        $"run `{string.Join(' ', command)}` in the container {containerId}",
        async (api, token) =>
        {
            var exec = await api.CreateExecAsync(containerId, command, token);
            var output = await ReadOutputAsync(api, exec, token);
            while (true)
            {
                // the end of the output may come a moment before the exit code
                if (await api.InspectExecAsync(exec, token) is { Running: false, ExitCode: { } code })
                {
                    return new ExecResult(code, output);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), timeProvider, token);
            }
        },
        cancellationToken);

    public async Task<IReadOnlySet<string>> ReadInsecureRegistriesAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref insecureRegistries) is { } known && timeProvider.GetUtcNow() < known.Until)
        {
            return known.Names;
        }

        var info = await connection.CallAsync("tell its insecure registries", options.TimeLimit, (api, token) => api.ReadInfoAsync(token), cancellationToken);
        var names = (info.RegistryConfig?.InsecureNetworks ?? [])
            .Concat((info.RegistryConfig?.IndexConfigs ?? new Dictionary<string, RegistryIndex>()).Where(index => index.Value is { Secure: false }).Select(index => index.Key))
            .ToHashSet();
        Volatile.Write(ref insecureRegistries, new InsecureList(names, timeProvider.GetUtcNow() + InsecureRegistriesLifetime));
        return names;
    }

    public void Dispose() => connection.Dispose();

    private Task<LiveContainer?> InspectAsync(string id, CancellationToken cancellationToken) => connection.CallAsync(
        $"inspect the container {id}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                return LiveContainers.From(await api.InspectContainerAsync(id, token));
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.NotFound)
            {
                return null; // it went away between list and inspection
            }
        },
        cancellationToken);

    private static async Task<string> ReadOutputAsync(EngineApi api, string execId, CancellationToken cancellationToken)
    {
        using var output = await api.StartExecAsync(execId, cancellationToken);
        var kept = new List<byte>();
        var buffer = new byte[8192];
        while (await output.ReadAsync(buffer, cancellationToken) is (_, var count and > 0))
        {
            kept.AddRange(buffer.AsSpan(0, count));
            kept.RemoveRange(0, Math.Max(0, kept.Count - LongestOutput));
        }

        return Encoding.UTF8.GetString([.. kept]).TrimStart('\uFFFD'); // the cut may go through a character
    }

    private static async Task<bool> UnlessMissingAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private sealed record InsecureList(IReadOnlySet<string> Names, DateTimeOffset Until);
}
