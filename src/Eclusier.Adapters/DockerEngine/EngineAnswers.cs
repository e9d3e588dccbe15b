using System.Text.Json.Serialization;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Of the engine's answers what the agent reads; the rest of each is skipped. Names and meanings: Docker Engine API 1.41 to 1.50.</summary>
internal sealed record VersionAnswer(string? Version, [property: JsonPropertyName("ApiVersion")] string? ApiVersion, [property: JsonPropertyName("MinAPIVersion")] string? MinApiVersion);

/// <summary>An error, whatever the question was.</summary>
internal sealed record ErrorAnswer([property: JsonPropertyName("message")] string? Message);

/// <summary>One of <c>GET /containers/json</c>.</summary>
internal sealed record ListedContainer([property: JsonRequired] string Id, IReadOnlyList<string>? Names, IReadOnlyDictionary<string, string>? Labels, IReadOnlyList<ListedPort>? Ports)
{
    public string Name => Names is [{ } first, ..] ? first.TrimStart('/') : Id;

    public string Label(string name) => Labels?.GetValueOrDefault(name) ?? "";
}

internal sealed record ListedPort([property: JsonPropertyName("IP")] string? Ip, int? PublicPort, string? Type);

/// <summary><c>GET /containers/{id}/json</c>.</summary>
internal sealed record InspectedContainer([property: JsonRequired] string Id, [property: JsonRequired] string Name, [property: JsonRequired] string Image, long RestartCount, InspectedState? State, InspectedConfig? Config, InspectedHostConfig? HostConfig, InspectedNetwork? NetworkSettings);

internal sealed record InspectedState(string? Status, long ExitCode, [property: JsonPropertyName("OOMKilled")] bool WasKilledForMemory, string? Error, string? StartedAt, InspectedHealth? Health);

internal sealed record InspectedHealth(string? Status, IReadOnlyList<HealthLogEntry>? Log);

internal sealed record HealthLogEntry(string? Output);

internal sealed record InspectedConfig(string? Image, bool Tty, IReadOnlyDictionary<string, string>? Labels);

internal sealed record InspectedHostConfig(InspectedRestartPolicy? RestartPolicy);

internal sealed record InspectedRestartPolicy(string? Name);

internal sealed record InspectedNetwork(IReadOnlyDictionary<string, IReadOnlyList<BoundPort>?>? Ports, IReadOnlyDictionary<string, InspectedConnection?>? Networks);

internal sealed record InspectedConnection([property: JsonPropertyName("NetworkID")] string? Id);

/// <summary>One of <c>GET /networks</c>.</summary>
internal sealed record ListedNetwork(string Id, string Name);

internal sealed record BoundPort(string? HostIp, string? HostPort);

/// <summary><c>GET /volumes</c>.</summary>
internal sealed record VolumesAnswer(IReadOnlyList<ListedVolume>? Volumes);

internal sealed record ListedVolume(string Name);

/// <summary>One of <c>GET /images/json</c>.</summary>
internal sealed record ListedImage([property: JsonRequired] string Id, IReadOnlyList<string>? RepoTags, IReadOnlyList<string>? RepoDigests);

/// <summary><c>GET /images/{name}/json</c>.</summary>
internal sealed record InspectedImage([property: JsonRequired] string Id, IReadOnlyList<string>? RepoTags, IReadOnlyList<string>? RepoDigests, [property: JsonPropertyName("RootFS")] InspectedLayers? RootFs);

internal sealed record InspectedLayers(IReadOnlyList<string>? Layers);

/// <summary>A line of <c>POST /images/create</c>: any of them is a sign of life, and one may be an error.</summary>
internal sealed record PullProgress([property: JsonPropertyName("errorDetail")] ErrorAnswer? ErrorDetail, [property: JsonPropertyName("error")] string? Error);

internal sealed record CreatedExec([property: JsonRequired] string Id);

internal sealed record InspectedExec(bool Running, long? ExitCode);

/// <summary>A line of <c>GET /events</c>.</summary>
internal sealed record EngineEvent(string? Type, string? Action, EventActor? Actor, [property: JsonPropertyName("timeNano")] long Nanoseconds);

internal sealed record EventActor([property: JsonPropertyName("ID")] string? Id, IReadOnlyDictionary<string, string>? Attributes);

/// <summary><c>GET /info</c>.</summary>
internal sealed record InfoAnswer(RegistrySettings? RegistryConfig, string? DockerRootDir);

internal sealed record RegistrySettings([property: JsonPropertyName("InsecureRegistryCIDRs")] IReadOnlyList<string>? InsecureNetworks, IReadOnlyDictionary<string, RegistryIndex>? IndexConfigs);

internal sealed record RegistryIndex(bool Secure);

/// <summary>The body of <c>POST /containers/{id}/exec</c>.</summary>
internal sealed record ExecOrder(IReadOnlyList<string> Cmd, bool AttachStdout, bool AttachStderr);

/// <summary>The body of <c>POST /exec/{id}/start</c>: wait for its output.</summary>
internal sealed record ExecStart(bool Detach, bool Tty);

/// <summary>The header <c>X-Registry-Auth</c>.</summary>
internal sealed record RegistryAuthorization(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password,
    [property: JsonPropertyName("identitytoken")] string? IdentityToken,
    [property: JsonPropertyName("serveraddress")] string ServerAddress);

/// <summary>The form of what is said to the engine and what it answers.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ListedContainer>))]
[JsonSerializable(typeof(InspectedContainer))]
[JsonSerializable(typeof(IReadOnlyList<ListedNetwork>))]
[JsonSerializable(typeof(VolumesAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ListedImage>))]
[JsonSerializable(typeof(InspectedImage))]
[JsonSerializable(typeof(PullProgress))]
[JsonSerializable(typeof(CreatedExec))]
[JsonSerializable(typeof(InspectedExec))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(InfoAnswer))]
[JsonSerializable(typeof(ExecOrder))]
[JsonSerializable(typeof(ExecStart))]
[JsonSerializable(typeof(RegistryAuthorization))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>))]
internal sealed partial class EngineJson : JsonSerializerContext;
