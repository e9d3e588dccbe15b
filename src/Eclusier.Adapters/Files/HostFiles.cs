using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Files;

/// <summary>Tells by size and time whether a file changed: one look at its entry, nothing is read.</summary>
public sealed class HostFiles : IHostFiles
{
    public string StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}:{(int)file.UnixFileMode}" : Directory.Exists(path) ? "folder" : "missing";
    }
}
