namespace Eclusier.Adapters.DockerEngine;

/// <summary>Where the engine is and how long it may take.</summary>
public sealed record DockerEngineOptions
{
    /// <summary><c>unix:///…</c> or <c>tcp://host:port</c>, as in <c>DOCKER_HOST</c>.</summary>
    public string Endpoint { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>For the question whether it is there at all.</summary>
    public TimeSpan PingTimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For everything else that is answered at once.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A pull that moves nothing for so long is given up: an engine whose registry stalls waits for ever.</summary>
    public TimeSpan PullProgressTimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Before the engine is asked again after it went away while logs were followed.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The engine that <c>docker</c> would use: <c>DOCKER_HOST</c>, or the local socket.</summary>
    public static DockerEngineOptions FromEnvironment() =>
        Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? new DockerEngineOptions { Endpoint = host } : new DockerEngineOptions();
}
