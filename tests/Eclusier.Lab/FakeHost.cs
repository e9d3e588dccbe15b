using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>The containers and networks of a <see cref="FakeEngine"/>, and what happens to them.</summary>
internal sealed class FakeHost
{
    private const string ProjectLabel = "com.docker.compose.project";

    private readonly Lock gate = new();
    private readonly Dictionary<string, JsonObject> containers = []; // as they are inspected, by id
    private readonly Dictionary<string, string> idsByName = [];
    private readonly Dictionary<string, List<JsonObject>> byProject = [];
    private readonly Dictionary<string, JsonObject> networks = [];
    private readonly List<(Dictionary<string, IReadOnlyList<string>> Filters, ChannelWriter<JsonObject> Events)> listeners = [];
    private int nextAddress;

    public int RunningCount
    {
        get
        {
            lock (gate)
            {
                return containers.Values.Count(IsRunning);
            }
        }
    }

    public IReadOnlyList<string> ImagesOf(string project)
    {
        lock (gate)
        {
            return [.. byProject.GetValueOrDefault(project, []).Where(IsRunning).Select(container => container["Config"]!["Image"]!.GetValue<string>())];
        }
    }

    public FakeAnswer ListContainers(Dictionary<string, IReadOnlyList<string>> filters, bool all)
    {
        lock (gate)
        {
            var labels = filters.GetValueOrDefault("label", []);
            var project = labels.FirstOrDefault(label => label.StartsWith(ProjectLabel + "=", StringComparison.Ordinal))?[(ProjectLabel.Length + 1)..];
            var candidates = project is null ? containers.Values : byProject.GetValueOrDefault(project, []).AsEnumerable();
            return filters.Keys.Except(["label"]).Any()
                ? FakeAnswer.Error(501, $"the fake engine cannot filter containers by {string.Join(", ", filters.Keys)}")
                : new FakeAnswer(200, new JsonArray([.. candidates.Where(container => (all || IsRunning(container)) && HasAll(container["Config"]!["Labels"]!.AsObject(), labels)).Select(Summary)]));
        }
    }

    public FakeAnswer CreateContainer(string name, JsonObject order, Func<string, string?> imageIdOf)
    {
        lock (gate)
        {
            var image = order["Image"]!.GetValue<string>();
            if (imageIdOf(image) is not { } imageId)
            {
                return FakeAnswer.Error(404, $"No such image: {image}");
            }

            if (idsByName.TryGetValue(name, out var holder))
            {
                return FakeAnswer.Error(409, $"Conflict. The container name \"/{name}\" is already in use by container \"{holder}\". You have to remove (or rename) that container to be able to reuse that name.");
            }

            var config = order.DeepClone().AsObject();
            var endpoints = config["NetworkingConfig"]?["EndpointsConfig"]?.DeepClone().AsObject() ?? [];
            var hostConfig = config["HostConfig"]?.DeepClone().AsObject() ?? [];
            config.Remove("NetworkingConfig");
            config.Remove("HostConfig");
            config["Labels"] ??= new JsonObject();
            var id = NewId();
            foreach (var (network, endpoint) in endpoints)
            {
                Attach(endpoint!.AsObject(), network);
            }

            var container = new JsonObject
            {
                ["Id"] = id,
                ["Created"] = Now(),
                ["Path"] = "/app",
                ["Args"] = new JsonArray(),
                ["State"] = State("created", "0001-01-01T00:00:00Z"),
                ["Image"] = imageId,
                ["ResolvConfPath"] = $"/var/lib/docker/containers/{id}/resolv.conf",
                ["HostnamePath"] = $"/var/lib/docker/containers/{id}/hostname",
                ["HostsPath"] = $"/var/lib/docker/containers/{id}/hosts",
                ["LogPath"] = $"/var/lib/docker/containers/{id}/{id}-json.log",
                ["Name"] = $"/{name}",
                ["RestartCount"] = 0,
                ["Driver"] = "overlay2",
                ["Platform"] = "linux",
                ["MountLabel"] = "",
                ["ProcessLabel"] = "",
                ["AppArmorProfile"] = "",
                ["ExecIDs"] = null,
                ["HostConfig"] = hostConfig,
                ["GraphDriver"] = new JsonObject { ["Data"] = new JsonObject { ["MergedDir"] = $"/var/lib/docker/overlay2/{id}/merged", ["UpperDir"] = $"/var/lib/docker/overlay2/{id}/diff", ["WorkDir"] = $"/var/lib/docker/overlay2/{id}/work" }, ["Name"] = "overlay2" },
                ["Mounts"] = new JsonArray(),
                ["Config"] = config,
                ["NetworkSettings"] = new JsonObject { ["Bridge"] = "", ["SandboxID"] = id, ["HairpinMode"] = false, ["Ports"] = new JsonObject(), ["SandboxKey"] = $"/var/run/docker/netns/{id[..12]}", ["Networks"] = endpoints },
            };
            containers[id] = container;
            idsByName[name] = id;
            Siblings(container).Add(container);
            Tell("container", "create", container);
            return new FakeAnswer(201, new JsonObject { ["Id"] = id, ["Warnings"] = new JsonArray() });
        }
    }

    public FakeAnswer InspectContainer(string name) => With(name, container => new FakeAnswer(200, container.DeepClone()));

    public FakeAnswer Start(string name) => With(name, container =>
    {
        container["State"] = State("running", Now());
        Tell("container", "start", container);
        return new FakeAnswer(204);
    });

    public FakeAnswer Stop(string name) => With(name, container =>
    {
        if (IsRunning(container))
        {
            container["State"] = State("exited", container["State"]!["StartedAt"]!.GetValue<string>());
            Tell("container", "kill", container);
            Tell("container", "die", container);
            Tell("container", "stop", container);
        }

        return new FakeAnswer(204);
    });

    public FakeAnswer Rename(string name, string newName) => With(name, container =>
    {
        if (idsByName.ContainsKey(newName))
        {
            return FakeAnswer.Error(409, $"Conflict. The container name \"/{newName}\" is already in use.");
        }

        idsByName.Remove(NameOf(container));
        idsByName[newName] = container["Id"]!.GetValue<string>();
        container["Name"] = $"/{newName}";
        Tell("container", "rename", container);
        return new FakeAnswer(204);
    });

    public FakeAnswer RemoveContainer(string name) => With(name, container =>
    {
        containers.Remove(container["Id"]!.GetValue<string>());
        idsByName.Remove(NameOf(container));
        Siblings(container).Remove(container);
        Tell("container", "destroy", container);
        return new FakeAnswer(204);
    });

    public FakeAnswer ListNetworks(Dictionary<string, IReadOnlyList<string>> filters)
    {
        lock (gate)
        {
            var (labels, names) = (filters.GetValueOrDefault("label", []), filters.GetValueOrDefault("name", []));
            return filters.Keys.Except(["label", "name"]).Any()
                ? FakeAnswer.Error(501, $"the fake engine cannot filter networks by {string.Join(", ", filters.Keys)}")
                : new FakeAnswer(200, new JsonArray([.. networks.Values
                    .Where(network => HasAll(network["Labels"]!.AsObject(), labels) && (names.Count == 0 || names.Any(name => network["Name"]!.GetValue<string>().Contains(name, StringComparison.Ordinal))))
                    .Select(network => network.DeepClone())]));
        }
    }

    public FakeAnswer CreateNetwork(JsonObject order)
    {
        lock (gate)
        {
            var name = order["Name"]!.GetValue<string>();
            if (FindNetwork(name) is not null)
            {
                return FakeAnswer.Error(409, $"network with name {name} already exists");
            }

            var (id, block) = (NewId(), nextAddress++);
            networks[id] = new JsonObject
            {
                ["Name"] = name,
                ["Id"] = id,
                ["Created"] = Now(),
                ["Scope"] = "local",
                ["Driver"] = "bridge",
                ["EnableIPv6"] = false,
                ["IPAM"] = new JsonObject { ["Driver"] = "default", ["Options"] = null, ["Config"] = new JsonArray(new JsonObject { ["Subnet"] = $"10.{block >> 8}.{block & 255}.0/24", ["Gateway"] = $"10.{block >> 8}.{block & 255}.1" }) },
                ["Internal"] = false,
                ["Attachable"] = false,
                ["Ingress"] = false,
                ["ConfigFrom"] = new JsonObject { ["Network"] = "" },
                ["ConfigOnly"] = false,
                ["Containers"] = new JsonObject(),
                ["Options"] = new JsonObject(),
                ["Labels"] = order["Labels"]?.DeepClone() ?? new JsonObject(),
            };
            Tell("network", "create", networks[id]);
            return new FakeAnswer(201, new JsonObject { ["Id"] = id, ["Warning"] = "" });
        }
    }

    public FakeAnswer InspectNetwork(string name)
    {
        lock (gate)
        {
            return FindNetwork(name) is { } network ? new FakeAnswer(200, network.DeepClone()) : FakeAnswer.Error(404, $"network {name} not found");
        }
    }

    public FakeAnswer RemoveNetwork(string name)
    {
        lock (gate)
        {
            if (FindNetwork(name) is not { } network)
            {
                return FakeAnswer.Error(404, $"network {name} not found");
            }

            networks.Remove(network["Id"]!.GetValue<string>());
            Tell("network", "destroy", network);
            return new FakeAnswer(204);
        }
    }

    /// <summary>From now on, until the client goes.</summary>
    public async Task StreamEventsAsync(HttpContext context, Dictionary<string, IReadOnlyList<string>> filters)
    {
        var events = Channel.CreateUnbounded<JsonObject>();
        lock (gate)
        {
            listeners.Add((filters, events.Writer));
        }

        context.Response.ContentType = "application/json";
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted); // at once, as the engine does: who listens knows by it that he does
            await foreach (var happened in events.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(happened.ToJsonString() + "\n");
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // that is how it ends
        }
        finally
        {
            lock (gate)
            {
                listeners.RemoveAll(listener => listener.Events == events.Writer);
            }
        }
    }

    public void EndStreams()
    {
        lock (gate)
        {
            listeners.ForEach(listener => listener.Events.TryComplete());
        }
    }

    private FakeAnswer With(string name, Func<JsonObject, FakeAnswer> act)
    {
        lock (gate)
        {
            return containers.GetValueOrDefault(name) is { } byId ? act(byId)
                : idsByName.TryGetValue(name, out var id) ? act(containers[id])
                : FakeAnswer.Error(404, $"No such container: {name}");
        }
    }

    private List<JsonObject> Siblings(JsonObject container)
    {
        var project = container["Config"]!["Labels"]![ProjectLabel]?.GetValue<string>() ?? "";
        return byProject.TryGetValue(project, out var siblings) ? siblings : byProject[project] = [];
    }

    private JsonObject? FindNetwork(string name) =>
        networks.GetValueOrDefault(name) ?? networks.Values.FirstOrDefault(network => network["Name"]!.GetValue<string>() == name);

    private void Attach(JsonObject endpoint, string network)
    {
        var known = FindNetwork(network);
        endpoint["NetworkID"] = known?["Id"]!.GetValue<string>() ?? "";
        endpoint["EndpointID"] = NewId();
        endpoint["Gateway"] = known?["IPAM"]!["Config"]![0]!["Gateway"]!.GetValue<string>();
        endpoint["IPAddress"] = "10.0.0.2";
        endpoint["IPPrefixLen"] = 24;
    }

    private void Tell(string type, string action, JsonObject what)
    {
        var now = DateTimeOffset.UtcNow;
        JsonObject? told = null;
        foreach (var (filters, events) in listeners)
        {
            if (Matches(filters, "type", type) && Matches(filters, "event", action))
            {
                told ??= new JsonObject
                {
                    ["Type"] = type,
                    ["Action"] = action,
                    ["Actor"] = new JsonObject { ["ID"] = what["Id"]!.GetValue<string>(), ["Attributes"] = type == "container" ? what["Config"]!["Labels"]!.DeepClone() : new JsonObject { ["name"] = what["Name"]!.GetValue<string>(), ["type"] = "bridge" } },
                    ["scope"] = "local",
                    ["time"] = now.ToUnixTimeSeconds(),
                    ["timeNano"] = (now - DateTimeOffset.UnixEpoch).Ticks * 100,
                };
                events.TryWrite(told);
            }
        }
    }

    private static bool Matches(Dictionary<string, IReadOnlyList<string>> filters, string name, string value) =>
        !filters.TryGetValue(name, out var wanted) || wanted.Contains(value);

    private static bool HasAll(JsonObject labels, IReadOnlyList<string> wanted) => wanted.All(label =>
        label.IndexOf('=') is var equals && equals < 0 ? labels.ContainsKey(label) : labels[label[..equals]]?.GetValue<string>() == label[(equals + 1)..]);

    private static bool IsRunning(JsonObject container) => container["State"]!["Running"]!.GetValue<bool>();

    private static string NameOf(JsonObject container) => container["Name"]!.GetValue<string>()[1..];

    private static JsonObject Summary(JsonObject container) => new()
    {
        ["Id"] = container["Id"]!.GetValue<string>(),
        ["Names"] = new JsonArray(container["Name"]!.GetValue<string>()),
        ["Image"] = container["Config"]!["Image"]!.GetValue<string>(),
        ["ImageID"] = container["Image"]!.GetValue<string>(),
        ["Command"] = "/app",
        ["Created"] = 1_767_225_600,
        ["Ports"] = new JsonArray(),
        ["Labels"] = container["Config"]!["Labels"]!.DeepClone(),
        ["State"] = container["State"]!["Status"]!.GetValue<string>(),
        ["Status"] = IsRunning(container) ? "Up 2 hours" : "Exited (0) 1 second ago",
        ["HostConfig"] = new JsonObject { ["NetworkMode"] = container["HostConfig"]!["NetworkMode"]?.DeepClone() },
        ["NetworkSettings"] = new JsonObject { ["Networks"] = container["NetworkSettings"]!["Networks"]!.DeepClone() },
        ["Mounts"] = new JsonArray(),
    };

    private static JsonObject State(string status, string startedAt) => new()
    {
        ["Status"] = status,
        ["Running"] = status == "running",
        ["Paused"] = false,
        ["Restarting"] = false,
        ["OOMKilled"] = false,
        ["Dead"] = false,
        ["Pid"] = status == "running" ? 4242 : 0,
        ["ExitCode"] = 0,
        ["Error"] = "",
        ["StartedAt"] = startedAt,
        ["FinishedAt"] = status == "exited" ? Now() : "0001-01-01T00:00:00Z",
    };

    private static string NewId() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffffff00Z", System.Globalization.CultureInfo.InvariantCulture);
}
