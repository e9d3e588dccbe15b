using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>What SQLite's result codes mean for the agent.</summary>
internal static class DatabaseFailure
{
    // primary result codes, https://sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>No room for the index of the log, which SQLite makes when it opens the database.</summary>
    private const int NoSharedMemory = InputOutput | (19 << 8);

    /// <returns><c>null</c> for what is no failure of the outside but an error of ours: a constraint, a wrong statement.</returns>
    public static FailureException? From(string path, SqliteException exception) => exception.SqliteErrorCode switch
    {
        Busy or Locked => FailureException.Transient($"the database '{path}' is held by another program: end what else has it open (a shell, a backup)", exception),
        Full => OfFullDisk(path, exception),
        InputOutput when exception.SqliteExtendedErrorCode is NoSharedMemory => OfFullDisk(path, exception),
        ReadOnly => FailureException.Transient($"the database '{path}' cannot be written: the file or its file system is read-only", exception),
        InputOutput => FailureException.Transient($"the database '{path}' cannot be read or written: {exception.Message}; its disk is broken, or its file system has turned read-only: see the kernel's log", exception),
        CannotOpen => FailureException.Rejected($"the database '{path}' cannot be opened: {exception.Message}; check that its folder exists and belongs to the agent's user", exception),
        _ when IsDamage(exception) => Damaged(path, exception.Message, exception),
        _ => null,
    };

    /// <summary>The file is not, or not wholly, what SQLite wrote.</summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is NotADatabase or Corrupt;

    public static FailureException Damaged(string path, string finding, Exception? innerException = null) => FailureException.Rejected(
        $"the database '{path}' is damaged: {finding.Trim()}. Nothing was changed. The agent's next start keeps a copy and begins anew with what the release folders tell; or stop the agent and put a backup in its place", innerException);

    private static FailureException OfFullDisk(string path, SqliteException exception) =>
        FailureException.Transient($"the database '{path}' cannot be written: the disk is full", exception);
}
