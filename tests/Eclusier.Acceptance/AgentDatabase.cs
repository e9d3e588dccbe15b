using Microsoft.Data.Sqlite;

namespace Eclusier.Acceptance;

/// <summary>The agent's database, looked into from outside.</summary>
internal static class AgentDatabase
{
    public static string PathIn(string stateDirectory) => Path.Combine(stateDirectory, "eclusier.db");

    public static SqliteConnection Open(string path, SqliteOpenMode mode = SqliteOpenMode.ReadOnly)
    {
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        database.Open();
        return database;
    }
}
