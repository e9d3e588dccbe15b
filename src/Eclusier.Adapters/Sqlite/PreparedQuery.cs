using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>A question that is asked again and again: SQLite keeps it compiled, and where its columns are is looked up once.</summary>
internal sealed class PreparedQuery(SqliteConnection connection, string text) : IDisposable
{
    private readonly SqliteCommand command = new(text, connection);
    private Dictionary<string, int>? columns;

    /// <summary>Within no transaction: what one statement reads is of one moment anyway.</summary>
    public T? First<T>(Func<Row, T> read, IReadOnlyList<(string Name, object? Value)> parameters)
    {
        command.Prepare(); // once: reading alone would compile it each time
        foreach (var (name, value) in parameters)
        {
            if (command.Parameters.Contains(name))
            {
                command.Parameters[name].Value = Sql.ToColumn(value);
            }
            else
            {
                command.Parameters.AddWithValue(name, Sql.ToColumn(value));
            }
        }

        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return default;
        }

        columns ??= Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName);
        return read(new Row(reader, columns));
    }

    public void Dispose() => command.Dispose();
}
