using System.Globalization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>Runs statements within the transaction that is open on the connection.</summary>
internal sealed class Sql(SqliteConnection connection)
{
    /// <returns>How many rows it changed.</returns>
    public int Execute(string text, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        using var command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    public T? First<T>(string text, Func<Row, T> read, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        using var command = Command(text, parameters);
        using var reader = command.ExecuteReader();
        return reader.Read() ? read(new Row(reader)) : default;
    }

    public List<T> All<T>(string text, Func<Row, T> read, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        using var command = Command(text, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(new Row(reader)));
        }

        return rows;
    }

    private SqliteCommand Command(string text, IReadOnlyList<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, ToColumn(value));
        }

        return command;
    }

    internal static object ToColumn(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => time.UtcDateTime.ToString("o"),
        bool flag => flag ? 1 : 0,
        string or int or long => value,
        _ => throw new ArgumentException($"a {value.GetType().Name} has no column form", nameof(value)),
    };
}

/// <summary>The current row of a result, by column name.</summary>
/// <param name="columns">Their places, where they are known already.</param>
internal readonly struct Row(SqliteDataReader reader, IReadOnlyDictionary<string, int>? columns = null)
{
    public string Text(string column) => reader.GetString(PlaceOf(column));

    public string? TextOrNull(string column) => IsNull(column) ? null : Text(column);

    public int Number(string column) => reader.GetInt32(PlaceOf(column));

    public int? NumberOrNull(string column) => IsNull(column) ? null : Number(column);

    public long Id(string column) => reader.GetInt64(PlaceOf(column));

    public double Fraction(string column) => reader.GetDouble(PlaceOf(column));

    public bool? FlagOrNull(string column) => IsNull(column) ? null : Number(column) != 0;

    public DateTimeOffset Time(string column) => DateTimeOffset.Parse(Text(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public DateTimeOffset? TimeOrNull(string column) => IsNull(column) ? null : Time(column);

    public TEnum Word<TEnum>(string column)
        where TEnum : struct, Enum => Words.Parse<TEnum>(Text(column));

    public CommitId? CommitOrNull(string column) => IsNull(column) ? null : CommitId.Parse(Text(column));

    private bool IsNull(string column) => reader.IsDBNull(PlaceOf(column));

    private int PlaceOf(string column) => columns is null ? reader.GetOrdinal(column) : columns[column];
}
