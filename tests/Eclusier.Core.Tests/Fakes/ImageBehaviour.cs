namespace Eclusier.Core.Tests.Fakes;

/// <summary>What a container of an image does once it is started, as a function of its age.</summary>
public sealed record ImageBehaviour
{
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    /// <summary>Runs, answers at once, has no healthcheck.</summary>
    public static ImageBehaviour Fine { get; } = new();

    /// <summary>Ends with code 1 after a second, again and again where it is restarted.</summary>
    public static ImageBehaviour Crashes { get; } = new() { EndsAfter = TimeSpan.FromSeconds(1), ExitCode = 1, LastWords = ["cannot reach the database", "giving up"] };

    public static ImageBehaviour FinishesWell { get; } = new() { EndsAfter = TimeSpan.FromSeconds(1) };

    public static ImageBehaviour RunsOutOfMemory { get; } = new() { EndsAfter = TimeSpan.FromSeconds(1), ExitCode = 137, IsKilledForMemory = true };

    /// <summary>Runs, but answers every probe with HTTP 500.</summary>
    public static ImageBehaviour AnswersBadly { get; } = new() { AnswersAfter = TimeSpan.MaxValue, LastWords = ["NullReferenceException"] };

    /// <summary>Its healthcheck fails after 3 seconds.</summary>
    public static ImageBehaviour Unhealthy { get; } = new() { HealthyAfter = TimeSpan.MaxValue, UnhealthyAfter = TimeSpan.FromSeconds(3) };

    /// <summary>The engine cannot start it.</summary>
    public static ImageBehaviour CannotStart { get; } = new() { StartError = "exec: \"/app\": no such file or directory" };

    public TimeSpan? EndsAfter { get; init; }

    public long ExitCode { get; init; }

    public bool IsKilledForMemory { get; init; }

    /// <summary>It has a healthcheck: <c>starting</c> until then; <c>null</c>: it has none.</summary>
    public TimeSpan? HealthyAfter { get; init; }

    public TimeSpan? UnhealthyAfter { get; init; }

    public TimeSpan AnswersAfter { get; init; }

    public TimeSpan? AnswersUntil { get; init; }

    public string StartError { get; init; } = "";

    public IReadOnlyList<string> LastWords { get; init; } = ["started"];

    public static ImageBehaviour HealthyOnceStarted(TimeSpan after) => new() { HealthyAfter = after, AnswersAfter = after };

    public static ImageBehaviour UnhealthyLater(TimeSpan after) => new() { HealthyAfter = TimeSpan.FromSeconds(1), UnhealthyAfter = after };

    public ContainerLook At(TimeSpan age, string restartPolicy)
    {
        if (EndsAfter is not { } lifetime || age < lifetime)
        {
            return Running(age, restarts: 0);
        }

        if (restartPolicy is not ("always" or "unless-stopped") && !(restartPolicy == "on-failure" && ExitCode != 0))
        {
            return new ContainerLook("exited", 0, "", Answers: false) { ExitCode = ExitCode, WasKilledForMemory = IsKilledForMemory };
        }

        var cycle = lifetime + RestartPause;
        var restarts = (long)(age / cycle);
        var inCycle = age - (restarts * cycle);
        return inCycle < lifetime
            ? Running(inCycle, restarts) with { ExitCode = ExitCode }
            : new ContainerLook("restarting", restarts, "", Answers: false) { ExitCode = ExitCode, WasKilledForMemory = IsKilledForMemory };
    }

    private ContainerLook Running(TimeSpan age, long restarts)
    {
        var health = HealthyAfter is not { } after ? ""
            : UnhealthyAfter <= age ? "unhealthy"
            : age < after ? "starting"
            : "healthy";
        return new ContainerLook("running", restarts, health, age >= AnswersAfter && !(age >= AnswersUntil));
    }
}

/// <summary>How a container is at one moment.</summary>
public sealed record ContainerLook(string State, long Restarts, string Health, bool Answers)
{
    public long ExitCode { get; init; }

    public bool WasKilledForMemory { get; init; }
}
