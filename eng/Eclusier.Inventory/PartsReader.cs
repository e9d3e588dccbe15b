using System.Text;
using System.Text.RegularExpressions;
using NuGet.Common;
using NuGet.Packaging;
using NuGet.Packaging.Licenses;
using NuGet.ProjectModel;

namespace Eclusier.Inventory;

/// <summary>Reads what a publish was made of from what NuGet restored for it.</summary>
internal static partial class PartsReader
{
    /// <summary>Static libraries of the .NET runtime that are other projects'.</summary>
    private static readonly (string File, string Name, string Licence)[] OfRuntime =
    [
        ("libbrotlicommon.a", "brotli", "MIT"),
        ("libz.a", "zlib-ng", "Zlib"),
    ];

    /// <param name="assets"><c>obj/project.assets.json</c> of the program's project, as the publish for <paramref name="runtime"/> left it.</param>
    public static IReadOnlyList<Part> Read(string assets, string runtime)
    {
        var restored = LockFileUtilities.GetLockFile(assets, NullLogger.Instance) ?? throw new InvalidOperationException($"there is no {assets}: publish first");
        var target = restored.Targets.SingleOrDefault(target => target.RuntimeIdentifier == runtime)
            ?? throw new InvalidOperationException($"{assets} was not made by a publish for {runtime}");
        var folders = restored.PackageFolders.Select(folder => folder.Path).ToList();

        // what only helps to build (analyzers, generators) leaves nothing in the program
        var libraries = target.Libraries.Where(library => library.Type == "package" && (library.RuntimeAssemblies.Count > 0 || library.NativeLibraries.Count > 0)).ToList();
        var names = libraries.Select(library => library.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var packages = libraries.Select(library => Describe(
            library.Name!, library.Version!.ToNormalizedString(), folders, [.. library.Dependencies.Select(dependency => dependency.Id).Where(names.Contains)]));

        // the runtime itself, and the compiler, whose own part of the runtime goes into each program
        var downloads = restored.PackageSpec.TargetFrameworks.SelectMany(framework => framework.DownloadDependencies)
            .Select(download => Describe(download.Name, download.VersionRange.MinVersion!.ToNormalizedString(), folders, []));
        return [.. packages.Concat(downloads).DistinctBy(part => part.Url).OrderBy(part => part.Url, StringComparer.OrdinalIgnoreCase)];
    }

    private static Part Describe(string name, string version, List<string> folders, IReadOnlyList<string> needs)
    {
        var folder = folders.Select(root => Path.Combine(root, name.ToLowerInvariant(), version)).FirstOrDefault(Directory.Exists)
            ?? throw new InvalidOperationException($"{name} {version} is in none of {string.Join(", ", folders)}");
        var description = new NuspecReader(Path.Combine(folder, $"{name.ToLowerInvariant()}.nuspec"));
        var licence = description.GetLicenseMetadata() is { Type: LicenseType.Expression } told ? told.License
            : throw new InvalidOperationException($"{name} {version} does not say its licence as an SPDX expression: look at {folder} and teach {nameof(PartsReader)}");
        return new Part(
            name,
            version,
            licence,
            description.GetCopyright() is { Length: > 0 } copyright ? copyright : description.GetAuthors(),
            description.GetProjectUrl() is { Length: > 0 } url ? url : description.GetRepositoryMetadata()?.Url,
            Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(Path.Combine(folder, $"{name.ToLowerInvariant()}.{version}.nupkg.sha512")).Trim())),
            [.. Directory.EnumerateFiles(folder).Where(file => LegalFile().IsMatch(Path.GetFileName(file))).Order(StringComparer.Ordinal).Select(File.ReadAllText).Select(text => text.ReplaceLineEndings("\n").Trim('\uFEFF', '\n', ' '))],
            needs,
            [.. HeldBy(folder)]);
    }

    private static IEnumerable<Inclusion> HeldBy(string folder)
    {
        var natives = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file.Contains("/native/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        foreach (var (file, name, licence) in OfRuntime)
        {
            if (natives.Any(native => Path.GetFileName(native) == file))
            {
                yield return new Inclusion(name, null, licence);
            }
        }

        if (natives.FirstOrDefault(native => native.EndsWith("/linux-x64/native/libe_sqlite3.so", StringComparison.Ordinal)) is { } sqlite)
        {
            // its version stands in front of its source id, a date with a hash
            var version = SqliteVersion().Match(Encoding.Latin1.GetString(File.ReadAllBytes(sqlite)));
            yield return new Inclusion("sqlite", version.Success ? version.Value : throw new InvalidOperationException($"{sqlite} does not tell SQLite's version"), "blessing");
        }
    }

    [GeneratedRegex(@"licen[sc]e|notice|copying", RegexOptions.IgnoreCase)]
    private static partial Regex LegalFile();

    [GeneratedRegex(@"3\.[0-9]{1,3}\.[0-9]{1,3}(?=\0+20[0-9-]{8} [0-9:]{8} [0-9a-f]{64}\0)")]
    private static partial Regex SqliteVersion();
}
