using System.Security.Cryptography;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Files;

/// <summary>Looks at files of this host. By size and time it is told whether one changed: one look at its entry, nothing is read.</summary>
/// <param name="engineIsHere">The engine mounts this host's files; otherwise those of another machine, which cannot be seen.</param>
public sealed class HostFiles(bool engineIsHere) : IHostFiles
{
    /// <summary>Larger ones are data, not configuration.</summary>
    private const long Largest = 1 << 20;

    public string StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}:{(int)file.UnixFileMode}" : Directory.Exists(path) ? "folder" : "missing";
    }

    public string? HashOf(string path)
    {
        try
        {
            if (!engineIsHere || FileStatus.Of(path, follow: true) is not { IsRegular: true, Size: <= Largest })
            {
                return null;
            }

            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // what the agent may not read, or is gone by now, does not count
        }
    }

    public string PlaceOf(string path)
    {
        try
        {
            return FileStatus.Of(path, follow: true)?.Place ?? "missing";
        }
        catch (IOException)
        {
            return "hidden"; // the agent may not look there
        }
    }
}
