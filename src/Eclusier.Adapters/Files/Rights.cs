using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Files;

/// <summary>What this process may do with a file or folder, as the system answers it: a read-only file system counts, and root's rights do.</summary>
internal static partial class Rights
{
    private const int Read = 4;
    private const int Write = 2;

    public static bool MayRead(string path) => Access(path, Read) == 0;

    public static bool MayWrite(string path) => Access(path, Write) == 0;

    /// <summary>The folder itself, or the nearest one above it that is there: where it would be made.</summary>
    public static string NearestFolder(string path)
    {
        var folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        return folder;
    }

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);
}
