using Eclusier.Core.Health;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>A container on the fake engine; how it is follows from its image's behaviour and from when it was started.</summary>
public sealed class FakeContainer
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required string Project { get; init; }

    public required string Service { get; init; }

    public required string ImageId { get; init; }

    public required string Image { get; init; }

    public required ImageBehaviour Behaviour { get; set; }

    public string ConfigHash { get; init; } = "";

    public string RestartPolicy { get; init; } = "no";

    public bool IsOneOff { get; init; }

    public IReadOnlyList<string> Networks { get; init; } = [];

    public Dictionary<string, string> Labels { get; init; } = [];

    public IReadOnlyList<HostPort> Ports { get; init; } = [];

    /// <summary>Restarts besides those of its behaviour.</summary>
    public long FurtherRestarts { get; set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public string Error { get; set; } = "";

    /// <summary>Stopped by a person, Compose or the end of the engine.</summary>
    public bool IsStopped { get; private set; }

    public bool IsPaused { get; set; }

    public void Start(DateTimeOffset at) => (StartedAt, IsStopped) = (at, false);

    public void Stop() => IsStopped = true;

    public ContainerLook Look(DateTimeOffset now) =>
        StartedAt is not { } started ? new ContainerLook("created", 0, "", Answers: false)
        : IsStopped ? new ContainerLook("exited", 0, "", Answers: false) { ExitCode = 137 }
        : IsPaused ? new ContainerLook("paused", 0, "", Answers: false)
        : Behaviour.At(now - started, RestartPolicy);

    public LiveContainer Observe(DateTimeOffset now)
    {
        var look = Look(now);
        return new LiveContainer
        {
            Id = Id,
            Name = Name,
            Service = Service,
            IsOneOff = IsOneOff,
            State = look.State,
            ExitCode = look.ExitCode,
            WasKilledForMemory = look.WasKilledForMemory,
            Error = Error,
            RestartCount = look.Restarts + FurtherRestarts,
            RestartPolicy = RestartPolicy,
            Health = look.Health,
            HealthOutput = look.Health == "unhealthy" ? "GET /health: 503" : "",
            StartedAt = LastStart(now, look),
            ImageId = ImageId,
            Image = Image,
            ConfigHash = ConfigHash,
            Labels = Labels,
            Networks = Networks,
            Ports = look.State == "running" ? Ports : [],
        };
    }

    private DateTimeOffset? LastStart(DateTimeOffset now, ContainerLook look) =>
        look.Restarts == 0 ? StartedAt : StartedAt + (look.Restarts * ((Behaviour.EndsAfter ?? now - StartedAt!.Value) + TimeSpan.FromSeconds(1)));
}
