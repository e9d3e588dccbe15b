using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Eclusier.Lab;

/// <summary>How an image of the sample application behaves; <c>app/app.c</c> says what each means.</summary>
/// <param name="Name">What its answers begin with.</param>
/// <param name="Version">What they go on with.</param>
public sealed record Behaviour(string Name, string Version)
{
    /// <summary>The program's mode when the Compose file gives no <c>command</c>: <c>serve</c>, <c>worker</c>, <c>job</c>, <c>sleep</c>.</summary>
    public string Mode { get; init; } = "serve";

    /// <summary>The image has a <c>HEALTHCHECK</c> of its own.</summary>
    public bool HasHealthcheck { get; init; }

    /// <summary>Other labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Other keys: <c>["crash"] = "1"</c>.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; init; } = new Dictionary<string, string>();

    /// <summary>So many bytes more in a layer of their own, which do not compress: an image that takes a while to pull.</summary>
    public int Padding { get; init; }

    /// <summary>Exits at once.</summary>
    public Behaviour Crashing(int code = 1, string say = "fatal: cannot open database") => With("crash", $"{code}").With("say", say);

    /// <summary>Answers everything with this status.</summary>
    public Behaviour Answering(int status) => With("status", $"{status}");

    public Behaviour With(string key, string value) => this with { Keys = new SortedDictionary<string, string>(Keys.ToDictionary(), StringComparer.Ordinal) { [key] = value } };

    internal string ToFile() => string.Concat(Keys.Select(pair => $"{pair.Key}={pair.Value}\n").Prepend($"name={Name}\nversion={Version}\n"));
}

/// <summary>Makes images of the sample application from nothing and pushes them to a registry.</summary>
/// <remarks>
/// They are put together here, without an engine: that takes milliseconds, the same behaviour always gives the same digest,
/// and the host has no image that the agent did not pull.
/// </remarks>
public sealed class SampleImages : IDisposable
{
    /// <summary>The label of every image that says which registry it was made for.</summary>
    public const string RegistryLabel = "eclusier.lab.registry";

    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private const string ConfigType = "application/vnd.docker.container.image.v1+json";
    private const string LayerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    private static readonly DateTimeOffset Made = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<Task<Layer>> ProgramLayer = new(async () =>
        Layer.Of("app", await File.ReadAllBytesAsync(await SampleProgram.PathAsync()), executable: true));

    private readonly HttpClient client;

    /// <param name="registry">Its address, as image names begin: <c>127.0.0.1:5000</c>.</param>
    /// <param name="credential">For a registry with basic authentication.</param>
    public SampleImages(string registry, (string User, string Password)? credential = null)
    {
        Registry = registry;
        client = new HttpClient { BaseAddress = new Uri($"http://{registry}/v2/") };
        if (credential is var (user, password))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }
    }

    public string Registry { get; }

    /// <summary>Where the registry sends everybody for a token; <c>null</c>: nowhere.</summary>
    public TokenServer? Tokens { get; init; }

    /// <returns>The image's digest, <c>sha256:…</c>.</returns>
    public async Task<string> PushAsync(string repository, string tag, Behaviour behaviour)
    {
        List<Layer> layers = [await ProgramLayer.Value, Layer.Of("behaviour", Encoding.UTF8.GetBytes(behaviour.ToFile()), executable: false)];
        if (behaviour.Padding > 0)
        {
            var padding = new byte[behaviour.Padding];
            var seed = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{repository}\n{behaviour.ToFile()}")));
            new Random(seed).NextBytes(padding); // the same image has the same padding, and another one another
            layers.Add(Layer.Of("padding", padding, executable: false));
        }

        if (Tokens is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Tokens.TokenForAsync(repository));
        }

        var config = Encoding.UTF8.GetBytes(ConfigOf(behaviour, layers).ToJsonString());
        await PushBlobAsync(repository, config);
        foreach (var layer in layers)
        {
            await PushBlobAsync(repository, layer.Compressed);
        }

        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor(ConfigType, config),
            ["layers"] = new JsonArray([.. layers.Select(layer => Descriptor(LayerType, layer.Compressed))]),
        };
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(manifest.ToJsonString())) { Headers = { ContentType = new(ManifestType) } };
        using var answer = await client.PutAsync($"{repository}/manifests/{tag}", content);
        await ExpectAsync(answer, HttpStatusCode.Created);
        return answer.Headers.GetValues("Docker-Content-Digest").Single();
    }

    public void Dispose() => client.Dispose();

    private JsonObject ConfigOf(Behaviour behaviour, IReadOnlyList<Layer> layers)
    {
        var config = new JsonObject
        {
            ["Entrypoint"] = new JsonArray("/app"),
            ["Cmd"] = new JsonArray(behaviour.Mode),
            ["Env"] = new JsonArray("PATH=/"),
            ["WorkingDir"] = "/",
            ["Labels"] = new JsonObject { [RegistryLabel] = Registry }, // for `docker image prune --filter`: nobody else's images go
        };
        foreach (var (label, value) in behaviour.Labels)
        {
            config["Labels"]![label] = value;
        }

        if (behaviour.HasHealthcheck)
        {
            const long Second = 1_000_000_000;
            config["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "/app", "check"), ["Interval"] = Second, ["Timeout"] = 2 * Second, ["Retries"] = 2 };
        }

        return new JsonObject
        {
            ["architecture"] = SampleProgram.Architecture,
            ["os"] = "linux",
            ["created"] = Made,
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer.DiffId)]) },
            ["history"] = new JsonArray([.. layers.Select(layer => new JsonObject { ["created"] = Made, ["created_by"] = layer.Name })]),
        };
    }

    private static JsonObject Descriptor(string type, byte[] content) =>
        new() { ["mediaType"] = type, ["size"] = content.Length, ["digest"] = Digest(content) };

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private async Task PushBlobAsync(string repository, byte[] content)
    {
        var digest = Digest(content);
        using var head = new HttpRequestMessage(HttpMethod.Head, $"{repository}/blobs/{digest}");
        using var there = await client.SendAsync(head);
        if (there.IsSuccessStatusCode)
        {
            return;
        }

        using var begun = await client.PostAsync($"{repository}/blobs/uploads/", null);
        await ExpectAsync(begun, HttpStatusCode.Accepted);
        var location = new Uri(client.BaseAddress!, begun.Headers.Location!).AbsoluteUri;
        using var body = new ByteArrayContent(content) { Headers = { ContentType = new("application/octet-stream") } };
        using var done = await client.PutAsync($"{location}{(location.Contains('?') ? '&' : '?')}digest={digest}", body);
        await ExpectAsync(done, HttpStatusCode.Created);
    }

    private static async Task ExpectAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        if (answer.StatusCode != expected)
        {
            throw new InvalidOperationException($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri}: {(int)answer.StatusCode}, expected {(int)expected}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>One file as a layer; the same file always gives the same bytes.</summary>
    private sealed record Layer(string Name, string DiffId, byte[] Compressed)
    {
        public static Layer Of(string name, byte[] content, bool executable)
        {
            using var tar = new MemoryStream();
            using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(content),
                    ModificationTime = Made,
                    Mode = (UnixFileMode)(executable ? 0b111_101_101 : 0b110_100_100),
                });
            }

            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(tar.GetBuffer(), 0, (int)tar.Length);
            }

            return new Layer(name, Digest(tar.ToArray()), compressed.ToArray());
        }
    }
}
