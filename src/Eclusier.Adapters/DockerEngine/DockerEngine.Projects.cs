using Eclusier.Core.Compose;

namespace Eclusier.Adapters.DockerEngine;

/// <content>What else runs on the host.</content>
public sealed partial class DockerEngine
{
    /// <summary>The Compose projects that have a running container, as its labels describe them.</summary>
    public async Task<IReadOnlyList<RunningProject>> ReadProjectsAsync(CancellationToken cancellationToken)
    {
        var running = await connection.CallAsync(
            "list the running containers",
            options.TimeLimit,
            (api, token) => api.ListContainersAsync(project: null, all: false, token),
            cancellationToken);
        return
        [
            .. running.Where(container => container.Label(LiveContainers.ProjectLabel).Length > 0)
                .GroupBy(container => container.Label(LiveContainers.ProjectLabel))
                .Select(containers => RunningProject.FromLabels(containers.Key, containers.First().Labels!))
                .OfType<RunningProject>(),
        ];
    }
}
