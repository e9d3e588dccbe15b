using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The packages that <c>./package</c> made of the program under test.</summary>
internal static class PackageFiles
{
    public static string Root => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(new EclusierHost().Program)!, "../.."));

    public static string Deb => Only("eclusier_*.deb");

    public static string Tarball => Only("eclusier-*.tar.gz");

    public static string Image => Only("eclusier-*-image.tar");

    /// <summary>The same Debian package with another version.</summary>
    public static async Task<string> DebOfVersionAsync(string version, string folder)
    {
        var tree = Path.Combine(folder, $"deb-{version}");
        await Tool.RunAsync("dpkg-deb", "--raw-extract", Deb, tree);
        var control = Path.Combine(tree, "DEBIAN/control");
        await File.WriteAllLinesAsync(control, (await File.ReadAllLinesAsync(control)).Select(line => line.StartsWith("Version: ", StringComparison.Ordinal) ? $"Version: {version}" : line));
        var made = Path.Combine(folder, $"eclusier_{version}.deb");
        await Tool.RunAsync("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, made);
        return made;
    }

    private static string Only(string pattern)
    {
        var folder = Environment.GetEnvironmentVariable("ECLUSIER_PACKAGES") ?? Path.Combine(Root, "artifacts/packages");
        var found = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern).Where(file => !file.Contains("arm64", StringComparison.Ordinal)).ToArray() : [];
        return found is [var file] ? file : throw new InvalidOperationException($"{folder} has {found.Length} files {pattern} instead of one: run ./package first");
    }
}
