namespace Eclusier.Adapters.Files;

/// <summary>Writes small files so that a reader, or a kill, never finds half of one.</summary>
internal static class WriteFile
{
    public static void Atomically(string path, string content, UnixFileMode mode)
    {
        var fresh = path + ".new";
        File.Delete(fresh); // a leftover would keep its own mode
        using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(content);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
