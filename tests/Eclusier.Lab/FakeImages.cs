using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Eclusier.Lab;

/// <summary>The images of a <see cref="FakeEngine"/>: whatever is named by a digest is here; other names are those that were given with <c>tag</c>.</summary>
internal sealed class FakeImages
{
    private readonly ConcurrentDictionary<string, string> byId = new(); // id → the name with the digest
    private readonly ConcurrentDictionary<string, string> byTag = new(); // tag → id

    /// <returns><c>null</c>: there is no such image.</returns>
    public string? IdOf(string name)
    {
        if (byId.ContainsKey(name))
        {
            return name;
        }

        if (!name.Contains("@sha256:", StringComparison.Ordinal))
        {
            return byTag.GetValueOrDefault(name);
        }

        var id = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name[(name.IndexOf('@') + 1)..])))}";
        byId.TryAdd(id, name);
        return id;
    }

    public FakeAnswer Inspect(string name) => IdOf(name) is not { } id ? Missing(name) : new FakeAnswer(200, new JsonObject
    {
        ["Id"] = id,
        ["RepoTags"] = new JsonArray([.. byTag.Where(entry => entry.Value == id).Take(5).Select(entry => (JsonNode)entry.Key)]),
        ["RepoDigests"] = new JsonArray(byId[id]),
        ["Parent"] = "",
        ["Created"] = "2026-01-01T00:00:00Z",
        ["DockerVersion"] = "",
        ["Config"] = new JsonObject
        {
            ["Hostname"] = "",
            ["User"] = "",
            ["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ["Cmd"] = null,
            ["WorkingDir"] = "/",
            ["Entrypoint"] = new JsonArray("/app"),
            ["Labels"] = null,
        },
        ["Architecture"] = "amd64",
        ["Os"] = "linux",
        ["Size"] = 12_000_000,
        ["RootFS"] = new JsonObject { ["Type"] = "layers", ["Layers"] = new JsonArray($"sha256:{new string('0', 64)}") },
        ["Metadata"] = new JsonObject { ["LastTagTime"] = "2026-01-01T00:00:00Z" },
    });

    /// <param name="references">As the engine's filter: only images that have one of these names.</param>
    public FakeAnswer List(IReadOnlyList<string> references) => new(200, new JsonArray([.. references.Select(IdOf).OfType<string>().Distinct().Select(id => new JsonObject
    {
        ["Id"] = id,
        ["ParentId"] = "",
        ["RepoTags"] = new JsonArray([.. byTag.Where(entry => entry.Value == id).Select(entry => (JsonNode)entry.Key)]),
        ["RepoDigests"] = new JsonArray(byId[id]),
        ["Created"] = 1_767_225_600,
        ["Size"] = 12_000_000,
        ["SharedSize"] = -1,
        ["Labels"] = null,
        ["Containers"] = -1,
    })]));

    public FakeAnswer Tag(string name, string tag)
    {
        if (IdOf(name) is not { } id)
        {
            return Missing(name);
        }

        byTag[tag] = id;
        return new FakeAnswer(201);
    }

    public FakeAnswer Remove(string name) => byTag.TryRemove(name, out _) || byId.TryRemove(name, out _) ? new FakeAnswer(200, new JsonArray()) : Missing(name);

    private static FakeAnswer Missing(string name) => FakeAnswer.Error(404, $"No such image: {name}");
}
