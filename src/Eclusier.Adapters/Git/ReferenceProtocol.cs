using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>What is said over HTTP to learn a repository's references: the server's offer, our question, its list (gitprotocol-v2: capability advertisement and <c>ls-refs</c>).</summary>
internal static class ReferenceProtocol
{
    private const string Format = "object-format=";
    private const string Peeled = "peeled:";

    /// <returns><c>null</c>: it speaks another version, or cannot list references.</returns>
    /// <exception cref="InvalidDataException">That is not the protocol.</exception>
    public static async Task<Offer?> ReadAdvertisementAsync(PacketLines lines, string service)
    {
        var (kind, line) = await lines.ReadAsync();
        if (line == $"# service={service}")
        {
            await lines.ReadAsync(); // the flush after it
            (kind, line) = await lines.ReadAsync();
        }

        if (line != "version 2")
        {
            return null;
        }

        string? format = null;
        var lists = false;
        while (kind is PacketKind.Line)
        {
            (kind, line) = await lines.ReadAsync();
            lists |= line == "ls-refs" || line.StartsWith("ls-refs=", StringComparison.Ordinal);
            format = line.StartsWith(Format, StringComparison.Ordinal) ? line[Format.Length..] : format;
        }

        return lists && kind is PacketKind.Flush ? new Offer(format) : null;
    }

    /// <param name="objectFormat">As the server named it.</param>
    public static byte[] Question(string? objectFormat, IReadOnlyCollection<string> patterns) => PacketLines.Message(
        objectFormat is null ? ["command=ls-refs"] : ["command=ls-refs", Format + objectFormat],
        ["peel", .. patterns.Select(pattern => $"ref-prefix {pattern}")]);

    /// <summary>Reads the whole list; one that is cut off is none.</summary>
    /// <exception cref="InvalidDataException">That is not the protocol, or an error of the server.</exception>
    public static async Task<Dictionary<string, CommitId>> ReadReferencesAsync(PacketLines lines, IReadOnlyCollection<string> patterns)
    {
        var references = new Dictionary<string, CommitId>(StringComparer.Ordinal);
        while (true)
        {
            switch (await lines.ReadAsync())
            {
                case (PacketKind.Line, var line):
                    Add(references, line, patterns);
                    break;
                case (PacketKind.Flush, _):
                    return references;
                default:
                    throw new InvalidDataException("the list has no end");
            }
        }
    }

    /// <param name="patterns">Whole names, or what they begin with, up to a slash.</param>
    public static bool IsAskedFor(string name, IReadOnlyCollection<string> patterns) =>
        patterns.Any(pattern => pattern.EndsWith('/') ? name.Length > pattern.Length && name.StartsWith(pattern, StringComparison.Ordinal) : name == pattern);

    /// <summary><c>1eabc9a… refs/tags/v1 peeled:c0ffee…</c></summary>
    private static void Add(Dictionary<string, CommitId> references, string line, IReadOnlyCollection<string> patterns)
    {
        var fields = line.Split(' ');
        if (fields.Length < 2 || !CommitId.TryParse(fields[0], out var commit))
        {
            throw new InvalidDataException("no reference");
        }

        var name = fields[1];
        if (!IsAskedFor(name, patterns))
        {
            return; // a prefix meets longer names too
        }

        references[name] = commit;
        if (fields.FirstOrDefault(field => field.StartsWith(Peeled, StringComparison.Ordinal)) is { } peeled && CommitId.TryParse(peeled[Peeled.Length..], out var target))
        {
            references[name + "^{}"] = target;
        }
    }

    /// <param name="ObjectFormat"><c>sha1</c> or <c>sha256</c>; <c>null</c>: it does not say.</param>
    public sealed record Offer(string? ObjectFormat);
}
