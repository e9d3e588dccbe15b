using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Releases;

namespace Eclusier.Core.Health;

/// <summary>The last lines of containers, as evidence: why a release failed is in what they printed.</summary>
internal sealed class LastLines(IEngine engine)
{
    /// <summary>So many containers are quoted: a stack of fifty that all fail does so for one reason.</summary>
    private const int MostSuspects = 5;

    /// <summary>The failure with the last lines of the containers that did not come up.</summary>
    public async Task<Failure> AddAsync(Release release, Failure failure, CancellationToken cancellationToken)
    {
        try
        {
            var live = await engine.ObserveAsync(release.Project, cancellationToken);
            var suspects = release.Services.SelectMany(service => live.Of(service.Name))
                .Where(container => container.Health == "unhealthy" || (container is { IsRunning: false, HasFinishedWell: false, State: not "created" }));
            return failure with { Evidence = [.. failure.Evidence, .. await ReadAsync(suspects, cancellationToken)] };
        }
        catch (FailureException exception)
        {
            return failure with { Evidence = [.. failure.Evidence, new Evidence("containers", $"(could not be looked at: {exception.Message})")] };
        }
    }

    public async Task<IReadOnlyList<Evidence>> ReadAsync(IEnumerable<LiveContainer> containers, CancellationToken cancellationToken)
    {
        var evidence = new List<Evidence>();
        foreach (var container in containers.Take(MostSuspects))
        {
            evidence.Add(new Evidence($"last lines of {container.Name}", await ReadAsync(container, cancellationToken)));
        }

        return evidence;
    }

    private async Task<string> ReadAsync(LiveContainer container, CancellationToken cancellationToken)
    {
        try
        {
            var lines = await engine.ReadLogsAsync(container, lines: 20, cancellationToken);
            return lines.Count == 0 ? "(it printed nothing)" : string.Join('\n', lines.Select(line => line.Text));
        }
        catch (FailureException exception)
        {
            return $"(could not be read: {exception.Message})"; // evidence is a help, its lack must not change the verdict
        }
    }
}
