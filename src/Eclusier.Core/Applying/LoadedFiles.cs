namespace Eclusier.Core.Applying;

/// <summary>What the containers of a service that is told by a signal have loaded of the files they mount.</summary>
/// <param name="Content">The hash of what the files were; <see cref="Unknown"/> while files are moved and nobody has been told.</param>
/// <param name="Places">Where the files were on the disk when the containers began to mount them.</param>
public sealed record LoadedFiles(string Service, string Content, string Places)
{
    public const string Unknown = "?";

    /// <summary>As the journal keeps them: a line each.</summary>
    public static string Format(IEnumerable<LoadedFiles> services) =>
        string.Join('\n', services.OrderBy(loaded => loaded.Service, StringComparer.Ordinal).Select(loaded => $"{loaded.Service} {loaded.Content} {loaded.Places}"));

    public static IReadOnlyList<LoadedFiles> Parse(string? text) =>
        [.. (text ?? "").Split('\n').Select(line => line.Split(' ')).Where(parts => parts.Length == 3).Select(parts => new LoadedFiles(parts[0], parts[1], parts[2]))];
}
