using System.Text.Json.Nodes;

namespace Eclusier.Lab;

/// <summary>A container as <c>docker inspect</c> shows it.</summary>
public sealed record LabContainer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Service { get; init; }

    /// <summary><c>running</c>, <c>exited</c>, <c>restarting</c>, …</summary>
    public required string State { get; init; }

    /// <summary><c>healthy</c>, <c>unhealthy</c>, <c>starting</c>, or empty without a healthcheck.</summary>
    public string Health { get; init; } = "";

    public int ExitCode { get; init; }

    public int Restarts { get; init; }

    /// <summary>As the container was created with: <c>127.0.0.1:5000/web@sha256:…</c>.</summary>
    public required string Image { get; init; }

    public required string ImageId { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public override string ToString() => $"{Name} {State}{(State == "exited" ? $" with {ExitCode}" : "")}{(Health.Length > 0 ? $" ({Health})" : "")} {Image}";
}

/// <summary>The engine of this machine through <c>docker</c>: what tests look at, and clean up, independently of the product.</summary>
public static class DockerCli
{
    /// <returns>What the command printed.</returns>
    public static async Task<string> RunAsync(params string[] arguments) =>
        (await LabProcess.RunAsync("docker", arguments)).Succeeded();

    /// <summary>All containers of a Compose project, by service and name; also those that do not run.</summary>
    /// <param name="engine">As in <c>DOCKER_HOST</c>; <c>null</c>: the machine's.</param>
    public static async Task<IReadOnlyList<LabContainer>> ContainersAsync(string project, string? engine = null)
    {
        string[] at = engine is null ? [] : ["--host", engine];
        var ids = await IdsAsync([.. at, "ps", "--all", "--quiet", "--no-trunc", "--filter", Label(project)]);
        if (ids.Length == 0)
        {
            return [];
        }

        // a container may vanish in between: the others are still told, and the exit code is 1
        var inspected = await LabProcess.RunAsync("docker", [.. at, "inspect", "--type", "container", .. ids]);
        return [.. JsonNode.Parse(inspected.Output)!.AsArray().Select(item => Read(item!)).OrderBy(item => item.Service, StringComparer.Ordinal).ThenBy(item => item.Name, StringComparer.Ordinal)];
    }

    /// <summary>The id of each service's container that runs: a test compares two of these to see what was recreated.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RunningIdsAsync(string project) =>
        (await ContainersAsync(project)).Where(container => container.State == "running").ToDictionary(container => container.Service, container => container.Id);

    /// <summary>Removes all that a Compose project consists of: containers, networks, volumes.</summary>
    public static async Task RemoveProjectAsync(string project)
    {
        // a `compose up` that outlived its agent may still be at work: once more until nothing is left
        await Wait.UntilAsync($"nothing is left of project {project}", TimeSpan.FromSeconds(60), async () =>
        {
            var containers = await IdsAsync("ps", "--all", "--quiet", "--filter", Label(project));
            await RemoveAsync(["rm", "--force", "--volumes"], containers);
            var networks = await IdsAsync("network", "ls", "--quiet", "--filter", Label(project));
            await RemoveAsync(["network", "rm"], networks);
            var volumes = await IdsAsync("volume", "ls", "--quiet", "--filter", Label(project));
            await RemoveAsync(["volume", "rm", "--force"], volumes);
            return containers.Length + networks.Length + volumes.Length == 0;
        });
    }

    /// <summary>Removes the images whose names begin so: <c>127.0.0.1:5000/</c>, <c>eclusier/shop/</c>.</summary>
    public static async Task RemoveImagesAsync(string prefix)
    {
        var rows = await IdsAsync("images", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}");
        var names = rows.Select(row => row.Split(' ')).Where(row => row[0].StartsWith(prefix, StringComparison.Ordinal))
            .Select(row => row[1] != "<none>" ? $"{row[0]}:{row[1]}" : $"{row[0]}@{row[2]}").Distinct().ToArray();
        await RemoveAsync(["rmi", "--force"], names);
    }

    private static string Label(string project) => $"label=com.docker.compose.project={project}";

    private static async Task<string[]> IdsAsync(params string[] arguments) =>
        (await RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task RemoveAsync(string[] command, string[] names)
    {
        if (names.Length > 0)
        {
            // one of them may be gone already, or still be in use: whoever calls looks again
            await LabProcess.RunAsync("docker", [.. command, .. names]);
        }
    }

    private static LabContainer Read(JsonNode item)
    {
        var labels = item["Config"]!["Labels"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!);
        return new LabContainer
        {
            Id = (string)item["Id"]!,
            Name = ((string)item["Name"]!).TrimStart('/'),
            Service = labels["com.docker.compose.service"],
            State = (string)item["State"]!["Status"]!,
            Health = (string?)item["State"]!["Health"]?["Status"] ?? "",
            ExitCode = (int)item["State"]!["ExitCode"]!,
            Restarts = (int)item["RestartCount"]!,
            Image = (string)item["Config"]!["Image"]!,
            ImageId = (string)item["Image"]!,
            Labels = labels,
        };
    }
}
