using System.Runtime.InteropServices;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The packages that <c>./package</c> made of the program under test.</summary>
internal static class PackageFiles
{
    public static string Root => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(new EclusierHost().Program)!, "../.."));

    public static string Deb => DebFor(RuntimeInformation.ProcessArchitecture);

    public static string Tarball => TarballFor(RuntimeInformation.ProcessArchitecture);

    public static string Image => Only($"eclusier-*-{RuntimeOf(RuntimeInformation.ProcessArchitecture)}-image.tar");

    /// <summary>The Debian package for a processor that may be another than this machine's.</summary>
    public static string DebFor(Architecture processor) => Only($"eclusier_*_{(processor == Architecture.X64 ? "amd64" : "arm64")}.deb");

    public static string TarballFor(Architecture processor) => Only($"eclusier-*-{RuntimeOf(processor)}.tar.gz");

    /// <summary>As .NET, <c>./build</c> and <c>./package</c> call it.</summary>
    public static string RuntimeOf(Architecture processor) => processor == Architecture.X64 ? "linux-x64" : "linux-arm64";

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

    /// <summary>What starts a program for arm64: as it is, or emulated with that processor's libraries of Debian.</summary>
    /// <returns>The path of a program that can be started as any other.</returns>
    public static async Task<string> ForArm64Async(string program, string folder)
    {
        var libraries = Path.Combine(folder, "libraries");
        if (RuntimeInformation.ProcessArchitecture != Architecture.Arm64)
        {
            (await LabProcess.RunAsync($"{Root}/eng/libraries-for-arm64", [libraries], within: TimeSpan.FromMinutes(10))).Succeeded(); // they come from Debian's archive
        }

        var start = Path.Combine(folder, "start-eclusier");
        await File.WriteAllTextAsync(start, $"#!/bin/sh\nQEMU_LD_PREFIX='{libraries}' exec '{Root}/eng/run-for' {RuntimeOf(Architecture.Arm64)} '{program}' \"$@\"\n");
        File.SetUnixFileMode(start, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return start;
    }

    private static string Only(string pattern)
    {
        var folder = Environment.GetEnvironmentVariable("ECLUSIER_PACKAGES") ?? Path.Combine(Root, "artifacts/packages");
        var found = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
        return found is [var file] ? file : throw new InvalidOperationException($"{folder} has {found.Length} files {pattern} instead of one: run ./package first (for another processor: ./package --runtime RUNTIME --no-image)");
    }
}
