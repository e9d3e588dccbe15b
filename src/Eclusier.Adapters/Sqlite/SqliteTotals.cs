using System.Globalization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Sqlite;

/// <summary>Adds up the journal in SQLite; again only when another deployment has ended.</summary>
public sealed class SqliteTotals(SqliteDatabase database) : IJournalTotals
{
    private const string Seconds = "max(0, (julianday(ended_at) - julianday(started_at)) * 86400.0)";

    private readonly Lock gate = new();
    private JournalTotals? known;
    private long knownAt = -1;

    public JournalTotals Read()
    {
        lock (gate)
        {
            return database.Read(sql =>
            {
                var ended = sql.First("SELECT count(*) AS ended FROM deployment WHERE result IS NOT NULL", row => row.Id("ended"));
                if (known is null || ended != knownAt)
                {
                    (known, knownAt) = (AddUp(sql), ended);
                }

                return known;
            });
        }
    }

    private static JournalTotals AddUp(Sql sql) => new(
        sql.All("SELECT stack, result, count(*) AS ended FROM deployment WHERE result IS NOT NULL GROUP BY stack, result",
            row => new DeploymentCount(row.Text("stack"), row.Word<DeploymentResult>("result"), row.Id("ended"))),
        Distributions<DeploymentResult>(sql, "result", "deployment WHERE result IS NOT NULL"),
        Distributions<Step>(sql, "step", "step WHERE ended_at IS NOT NULL AND deployment IN (SELECT id FROM deployment WHERE result IS NOT NULL)"));

    /// <param name="column">Holds a word of the enum.</param>
    private static Dictionary<TEnum, Distribution> Distributions<TEnum>(Sql sql, string column, string from)
        where TEnum : struct, Enum
    {
        var ranges = string.Join(", ", JournalTotals.Bounds.Select((bound, index) => string.Create(CultureInfo.InvariantCulture, $"count(*) FILTER (WHERE seconds <= {bound}) AS upto{index}")));
        var text = $"SELECT {column}, count(*) AS ended, sum(seconds) AS seconds, {ranges} FROM (SELECT {column}, {Seconds} AS seconds FROM {from}) GROUP BY {column}";
        return sql.All(text, row =>
        {
            var upTo = JournalTotals.Bounds.Select((_, index) => row.Id($"upto{index}")).Append(row.Id("ended")).ToList();
            var own = upTo.Select((count, index) => index == 0 ? count : count - upTo[index - 1]);
            return (Word: row.Word<TEnum>(column), Distribution: new Distribution(JournalTotals.Bounds, [.. own], row.Fraction("seconds")));
        }).ToDictionary(entry => entry.Word, entry => entry.Distribution);
    }
}
