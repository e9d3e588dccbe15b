using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Eclusier.Core.Releases;

namespace Eclusier.Adapters.Releases;

/// <summary>Writes <c>release.json</c> with the SHA-256 of both files in it, so that any changed byte is noticed.</summary>
/// <remarks>A file cannot hold its own hash: it is taken with zeros in that place.</remarks>
internal static class ReleaseSeal
{
    private static readonly string Zeros = new('0', 64);
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static byte[] Write(Release release, byte[] model)
    {
        var root = JsonSerializer.SerializeToNode(release, ReleaseJson.Default.Release)!.AsObject();
        root["sha256"] = new JsonObject { ["compose.json"] = Hash(model), ["release.json"] = Zeros };
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, Indented))
        {
            root.WriteTo(writer);
        }

        var bytes = text.ToArray();
        Put(bytes, PlaceOfOwnHash(bytes, Zeros), Hash(bytes));
        return bytes;
    }

    /// <returns>The release and the hash that <c>compose.json</c> has to have.</returns>
    /// <exception cref="JsonException">The text is not what <see cref="Write"/> wrote; says what is wrong.</exception>
    public static (Release Release, string ModelHash) Read(byte[] text)
    {
        if (!Utf8.IsValid(text))
        {
            throw new JsonException("it is not UTF-8 text");
        }

        using var document = JsonDocument.Parse(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("sha256", out var hashes)
            || hashes.ValueKind != JsonValueKind.Object
            || TextOf(hashes, "release.json") is not { } own
            || TextOf(hashes, "compose.json") is not { } model)
        {
            throw new JsonException("it has no checksums");
        }

        var unsealed = text.ToArray();
        Put(unsealed, PlaceOfOwnHash(text, own), Zeros);
        if (Hash(unsealed) != own)
        {
            throw new JsonException("its checksum does not match: it was changed after it was written");
        }

        var release = document.RootElement.Deserialize(ReleaseJson.Default.Release) ?? throw new JsonException("it is empty");
        return (release, model);
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int PlaceOfOwnHash(byte[] text, string hash) =>
        text.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(hash)) is >= 0 and var place ? place : throw new JsonException("its checksum cannot be found");

    private static void Put(byte[] text, int place, string hash) => Encoding.ASCII.GetBytes(hash, text.AsSpan(place));
}
