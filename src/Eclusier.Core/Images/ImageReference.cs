using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Eclusier.Core.Images;

/// <summary>An image's name as people write it: <c>[registry/]repository[:tag][@digest]</c>.</summary>
/// <remarks>Rules of the distribution project's reference grammar; a name without registry belongs to <c>docker.io</c>, without a slash to its <c>library/</c>.</remarks>
public sealed partial record ImageReference
{
    private const string DockerHub = "docker.io";

    private const int LongestRepository = 255;

    private ImageReference(string name, string registry, string repository, string? tag, string? digest)
    {
        Name = name;
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>Registry and repository as written, without tag and digest: <c>nginx</c>, <c>ghcr.io/x/api</c>.</summary>
    public string Name { get; }

    /// <summary>As written, or <c>null</c>.</summary>
    public string? Tag { get; }

    /// <summary><c>sha256:…</c>, or <c>null</c>.</summary>
    public string? Digest { get; }

    /// <summary>Host and port: <c>docker.io</c> where none is written.</summary>
    public string Registry { get; }

    /// <summary>The repository's path on the registry: <c>library/nginx</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag that counts: <c>latest</c> where none is written.</summary>
    public string TagOrDefault => Tag ?? "latest";

    /// <summary>The one form in which a release names an image: <c>name@sha256:…</c>. Another spelling of the same image would recreate its containers.</summary>
    public string Pinned(string digest) => $"{Name}@{digest}";

    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        var match = text is null ? Match.Empty : Shape().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var name = match.Groups["name"].Value;
        var (registry, repository) = Split(name);
        if (!RegistryRule().IsMatch(registry) || !RepositoryRule().IsMatch(repository) || IdRule().IsMatch(name) || repository.Length > LongestRepository)
        {
            return false;
        }

        reference = new ImageReference(name, registry, repository, ValueOf(match.Groups["tag"]), ValueOf(match.Groups["digest"]));
        return true;
    }

    /// <exception cref="FormatException">The text is not an image's name.</exception>
    public static ImageReference Parse(string text) => TryParse(text, out var reference) ? reference : throw new FormatException($"'{text}' is not an image name");

    public override string ToString() => $"{Name}{(Tag is null ? "" : $":{Tag}")}{(Digest is null ? "" : $"@{Digest}")}";

    /// <summary>The first part is a registry when it cannot be a repository's: it has a dot, a port or a capital letter, or is <c>localhost</c>.</summary>
    private static (string Registry, string Repository) Split(string name)
    {
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash];
        var hasRegistry = first.AsSpan().IndexOfAny('.', ':') >= 0 || first == "localhost" || first.Any(char.IsAsciiLetterUpper);
        var registry = hasRegistry && first != "index.docker.io" ? first : DockerHub; // the hub's old name
        var repository = hasRegistry ? name[(slash + 1)..] : name;
        return (registry, registry == DockerHub && !repository.Contains('/') ? $"library/{repository}" : repository);
    }

    private static string? ValueOf(Group group) => group.Success ? group.Value : null;

    // \z, not $, which lets a line break pass; [0-9A-Za-z_], not \w, which lets every script's letters pass
    [GeneratedRegex(@"^(?<name>(?:[^:@/]+(?::[0-9]+)?/|\[[^]/@]*\](?::[0-9]+)?/)?[^:@]+)(?::(?<tag>[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\z")]
    private static partial Regex RegistryRule();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryRule();

    /// <summary>64 hexadecimal digits are an image's id to Docker, never a name.</summary>
    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex IdRule();
}
