using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Eclusier.Lab;

/// <summary>A container image of one small static program (<c>box/box.c</c>), made and pushed without an engine: the same input gives the same digest.</summary>
public sealed class TestImage
{
    /// <summary>All kinds of manifest, for the header Accept.</summary>
    public const string ManifestTypes = $"{IndexType}, application/vnd.docker.distribution.manifest.list.v2+json, {ManifestType}, application/vnd.docker.distribution.manifest.v2+json";

    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private static readonly Lazy<Task<byte[]>> Layer = new(BuildLayerAsync);

    /// <summary>Words for the program, for example <c>say hello stay</c>.</summary>
    public IReadOnlyList<string> Command { get; init; } = ["stay"];

    /// <summary>Words for the healthcheck; <c>null</c>: none.</summary>
    public IReadOnlyList<string>? Health { get; init; }

    public string Architecture { get; init; } = "amd64";

    /// <summary>Makes the image another one.</summary>
    public string Version { get; init; } = "1";

    /// <returns>The manifest's digest.</returns>
    public async Task<string> PushAsync(Registry registry, string repository, string tag)
    {
        var layer = await Layer.Value;
        var configuration = System.Text.Encoding.UTF8.GetBytes(Configuration(layer).ToJsonString());
        await PushBlobAsync(registry, repository, layer);
        await PushBlobAsync(registry, repository, configuration);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", configuration),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar", layer)),
        };
        return await PushManifestAsync(registry, repository, tag, ManifestType, manifest);
    }

    /// <summary>Pushes an image for several platforms under one tag.</summary>
    /// <returns>The index's digest.</returns>
    public static async Task<string> PushIndexAsync(Registry registry, string repository, string tag, params IReadOnlyList<TestImage> images)
    {
        var manifests = new JsonArray();
        foreach (var image in images)
        {
            var digest = await image.PushAsync(registry, repository, $"{tag}-{image.Architecture}");
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository}/manifests/{digest}");
            request.Headers.TryAddWithoutValidation("Accept", ManifestTypes);
            using var answer = await registry.SendAsync(request);
            var descriptor = Descriptor(ManifestType, await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
            descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = image.Architecture };
            manifests.Add(descriptor);
        }

        return await PushManifestAsync(registry, repository, tag, IndexType, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = manifests });
    }

    public static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private JsonObject Configuration(byte[] layer)
    {
        var config = new JsonObject
        {
            ["Entrypoint"] = new JsonArray("/box"),
            ["Cmd"] = new JsonArray([.. Command.Select(word => JsonValue.Create(word))]),
            ["Labels"] = new JsonObject { ["lab.version"] = Version },
        };
        if (Health is not null)
        {
            config["Healthcheck"] = new JsonObject
            {
                ["Test"] = new JsonArray([JsonValue.Create("CMD"), JsonValue.Create("/box"), .. Health.Select(word => JsonValue.Create(word))]),
                ["Interval"] = 500_000_000,
                ["Timeout"] = 5_000_000_000,
                ["Retries"] = 1,
            };
        }

        return new JsonObject
        {
            ["architecture"] = Architecture,
            ["os"] = "linux",
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(DigestOf(layer)) },
        };
    }

    private static async Task<byte[]> BuildLayerAsync()
    {
        using var folder = new LabFolder();
        await using var source = typeof(TestImage).Assembly.GetManifestResourceStream("box.c")!;
        using var reader = new StreamReader(source);
        var code = folder.Write("box.c", await reader.ReadToEndAsync());
        var program = Path.Combine(folder.Path, "box");
        await Tool.RunAsync("gcc", "-static", "-Os", "-s", "-o", program, code);
        using var layer = new MemoryStream();
        await using (var tar = new TarWriter(layer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            var entry = new UstarTarEntry(TarEntryType.RegularFile, "box")
            {
                Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute,
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = new MemoryStream(await File.ReadAllBytesAsync(program)),
            };
            await tar.WriteEntryAsync(entry);
        }

        return layer.ToArray();
    }

    private static JsonObject Descriptor(string type, byte[] bytes) => new() { ["mediaType"] = type, ["digest"] = DigestOf(bytes), ["size"] = bytes.Length };

    private static async Task PushBlobAsync(Registry registry, string repository, byte[] bytes)
    {
        using var head = await registry.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{repository}/blobs/{DigestOf(bytes)}"));
        if (head.IsSuccessStatusCode)
        {
            return;
        }

        using var begun = await registry.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/"));
        var place = begun.EnsureSuccessStatusCode().Headers.Location!.ToString();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{place}{(place.Contains('?') ? '&' : '?')}digest={Uri.EscapeDataString(DigestOf(bytes))}") { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var done = await registry.SendAsync(request);
        done.EnsureSuccessStatusCode();
    }

    private static async Task<string> PushManifestAsync(Registry registry, string repository, string tag, string type, JsonObject manifest)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v2/{repository}/manifests/{tag}") { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var done = await registry.SendAsync(request);
        done.EnsureSuccessStatusCode();
        return DigestOf(bytes);
    }
}
