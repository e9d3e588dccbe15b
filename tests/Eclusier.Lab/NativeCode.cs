using System.Security.Cryptography;

namespace Eclusier.Lab;

/// <summary>Compiles the lab's C files, each once for as long as its source stays the same.</summary>
internal static class NativeCode
{
    /// <param name="source">The embedded file's name.</param>
    /// <param name="options">For the compiler.</param>
    /// <returns>The path of what was made.</returns>
    public static async Task<string> CompileAsync(string source, params string[] options)
    {
        using var resource = typeof(NativeCode).Assembly.GetManifestResourceStream(source)!;
        using var code = new MemoryStream();
        await resource.CopyToAsync(code);
        var cache = Path.Combine(Path.GetTempPath(), $"eclusier-lab-{Environment.UserName}");
        var made = Path.Combine(cache, $"{Path.GetFileNameWithoutExtension(source)}-{Convert.ToHexStringLower(SHA256.HashData(code.ToArray()))[..16]}");
        if (File.Exists(made))
        {
            return made;
        }

        Directory.CreateDirectory(cache);
        var unfinished = $"{made}.{Environment.ProcessId}"; // test projects run side by side: whoever is last to rename wins, with the same bytes
        await File.WriteAllBytesAsync(unfinished + ".c", code.ToArray());
        (await LabProcess.RunAsync("gcc", [.. options, "-Os", "-s", "-Wall", "-Wextra", "-Werror", "-o", unfinished, unfinished + ".c"])).Succeeded();
        File.Delete(unfinished + ".c");
        File.Move(unfinished, made, overwrite: true);
        return made;
    }
}
