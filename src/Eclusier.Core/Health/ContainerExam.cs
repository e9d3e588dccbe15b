using Eclusier.Core.Releases;

namespace Eclusier.Core.Health;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Subject">The container's or service's name.</param>
/// <param name="IsDefinite">It will not get better by waiting.</param>
/// <param name="Container">The container it is about, if there is one.</param>
public sealed record Finding(string Subject, string Text, bool IsDefinite, LiveContainer? Container = null)
{
    /// <summary>Containers are gone: no restart and no crash takes them away.</summary>
    public bool IsMissing { get; init; }

    /// <summary>It was killed from outside, or for want of memory; or it is being removed by force right now.</summary>
    public bool IsKilled => Container is { State: "exited", ExitCode: 137, WasKilledForMemory: false };

    public override string ToString() => $"{Subject} {Text}";
}

/// <summary>Looks at the containers of a release and says what is wrong with them. Pure.</summary>
public static class ContainerExam
{
    /// <summary>So many restarts are a loop, not an application that waits for its database.</summary>
    public const int RestartLoop = 5;

    /// <param name="restartsBefore">Restarts that containers had already when it began, by container id: unchanged containers keep their past, and may need time to recover from it.</param>
    /// <param name="isSoaking">It was passing already: now any restart is a failure.</param>
    public static IReadOnlyList<Finding> Examine(Release release, LiveStack live, IReadOnlyDictionary<string, long> restartsBefore, bool isSoaking)
    {
        var findings = new List<Finding>();
        foreach (var service in release.Services)
        {
            var containers = live.Of(service.Name).ToList();
            if (containers.Count < service.Replicas)
            {
                findings.Add(new Finding($"service {service.Name}", $"has {containers.Count} of {service.Replicas} containers", IsDefinite: false) { IsMissing = true });
            }

            findings.AddRange(containers.Select(container => Examine(service, container, restartsBefore, isSoaking)).OfType<Finding>());
        }

        return findings;
    }

    /// <summary>The host runs this release and nothing else: every container is there, of its image and definition, and well.</summary>
    public static bool IsExactly(Release release, LiveStack live) => IsApplied(release, live)
        && Examine(release, live, live.Containers.ToDictionary(container => container.Id, container => container.RestartCount), isSoaking: false).Count == 0;

    /// <summary>Nothing is left to do for <c>up</c>: every container is there, of its image and definition, was started, and none is too many. How they are is another matter.</summary>
    public static bool IsApplied(Release release, LiveStack live)
    {
        var containers = live.Containers.Where(container => !container.IsOneOff && container.ConfigHash.Length > 0).ToList();
        return release.Services.All(service => containers.Count(container => container.Service == service.Name) == service.Replicas)
            && containers.All(container => container.State != "created" && release.Service(container.Service) is { } service
                && (service.ImageId.Length == 0 || container.ImageId == service.ImageId) && (service.ConfigHash.Length == 0 || container.ConfigHash == service.ConfigHash));
    }

    private static Finding? Examine(ReleaseService service, LiveContainer container, IReadOnlyDictionary<string, long> restartsBefore, bool isSoaking)
    {
        var isOld = restartsBefore.TryGetValue(container.Id, out var before);
        var restarts = container.RestartCount - before;
        if (restarts >= RestartLoop || (isSoaking && restarts > 0))
        {
            return Wrong($"was restarted {(restarts == 1 ? "once" : $"{restarts} times")}{LastExitCode(container)}", isDefinite: true);
        }

        if (service.ImageId.Length > 0 && container.ImageId != service.ImageId)
        {
            return Wrong($"runs image {Shown(container.ImageId)} instead of {Shown(service.ImageId)}", isDefinite: false);
        }

        if (service.ConfigHash.Length > 0 && container.ConfigHash != service.ConfigHash)
        {
            return Wrong("was made from another definition than the release's", isDefinite: false);
        }

        return container.State switch
        {
            "running" => container.Health switch
            {
                "unhealthy" => Wrong("is unhealthy", isDefinite: isSoaking || !isOld), // what it depends on may just have come back
                "starting" => Wrong("is starting", isDefinite: false),
                _ => null,
            },
            _ when container.HasFinishedWell => null,
            _ when container.WasKilledForMemory => Wrong("ran out of memory and was killed", isDefinite: true),
            "exited" => Wrong($"exited with code {container.ExitCode}{Killed(container)}", isDefinite: isSoaking || container.RestartPolicy is "" or "no" or "on-failure"),
            "created" => Wrong($"was created, but not started{(container.Error.Length > 0 ? $": {container.Error}" : "")}", isDefinite: container.Error.Length > 0),
            _ => Wrong($"is {container.State}, last exit code {container.ExitCode}", isDefinite: false),
        };

        Finding Wrong(string text, bool isDefinite) => new($"container {container.Name}", text, isDefinite, container);
    }

    /// <summary>While a container runs, the engine says 0 whatever its last code was.</summary>
    private static string LastExitCode(LiveContainer container) => container.IsRunning ? "" : $", last exit code {container.ExitCode}";

    /// <summary>The engine sometimes misses the kernel's notice that it killed for lack of memory: then only the signal is left, 128 + SIGKILL.</summary>
    private static string Killed(LiveContainer container) => container.ExitCode == 137 ? " (killed, perhaps for lack of memory)" : "";

    private static string Shown(string imageId) => imageId.Length > 19 ? imageId[..19] : imageId;
}
