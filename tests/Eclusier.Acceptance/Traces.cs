using System.Text;

namespace Eclusier.Acceptance;

/// <summary>Looks for a secret where none may be.</summary>
internal static class Traces
{
    /// <returns>The files below the folder that hold it.</returns>
    public static IReadOnlyList<string> OfSecret(string secret, string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(file => Holds(file, secret))];

    /// <returns>The command lines and environments of processes that hold it.</returns>
    public static IReadOnlyList<string> InProcesses(string secret) =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .SelectMany(folder => (string[])[$"{folder}/cmdline", $"{folder}/environ"]).Where(file => Holds(file, secret))];

    /// <summary>Whether a process whose command line holds this runs.</summary>
    public static bool Runs(string words) => Directory.EnumerateDirectories("/proc").Any(folder => Holds($"{folder}/cmdline", words));

    private static bool Holds(string file, string text)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            stream.CopyTo(content); // files of /proc have no length
            return content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // gone in between, or a socket
        }
    }
}
