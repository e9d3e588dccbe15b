using Eclusier.Adapters.Files;
using Eclusier.Adapters.Releases;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The database as a file on the disk: made for its owner only, put out of the way when it is damaged.</summary>
internal static class DatabaseFile
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="FailureException">Rejected: it can be neither opened nor created.</exception>
    public static void Make(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, OwnersFolder);
            }

            if (!File.Exists(path))
            {
                CreateEmpty(path); // or find that another program did just now
            }

            File.SetUnixFileMode(path, OwnersFile); // by path: closing a second handle would drop the locks SQLite holds in this process
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Rejected($"the database '{path}' cannot be opened or created: {exception.Message}", exception);
        }
    }

    /// <summary>The log files first: one that was left alone would be taken for the new database's.</summary>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var aside = OutOfTheWay.NameFor(path, now);
        try
        {
            foreach (var ending in new[] { "-wal", "-shm", "" }.Where(ending => File.Exists(path + ending)))
            {
                File.Move(path + ending, aside + ending);
            }

            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return aside;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the damaged database '{path}' cannot be moved out of the way: {exception.Message}", exception);
        }
    }

    /// <summary>SQLite would create it by the umask; its log files then take the database's mode.</summary>
    public static void CreateEmpty(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
    }
}
