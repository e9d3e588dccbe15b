using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Sqlite;

/// <content>Deployments: begun, told step by step, closed once.</content>
public sealed partial class SqliteJournal
{
    internal const string HistoryOfStack = "SELECT * FROM deployment WHERE stack = $stack AND started_at >= $since ORDER BY started_at DESC, id DESC LIMIT $limit";
    internal const string HistoryOfAll = "SELECT * FROM deployment WHERE started_at >= $since ORDER BY started_at DESC, id DESC LIMIT $limit";
    internal const string StepsOfDeployment = "SELECT * FROM step WHERE deployment = $id ORDER BY id";
    internal const string EvidenceOfDeployment = "SELECT * FROM evidence WHERE deployment = $id ORDER BY position";

    /// <remarks>A limit that is a parameter by itself has SQLite compile the question anew each time it is asked.</remarks>
    internal static readonly string LastTrialOfStack = $"""
        SELECT * FROM (SELECT id, cause, result, started_at, ended_at FROM deployment WHERE stack = $stack ORDER BY started_at DESC, id DESC LIMIT CAST($among AS INTEGER)) AS recent
        WHERE (result = '{DeploymentResult.Failed.ToWord()}' AND cause = '{Cause.Drift.ToWord()}')
            OR EXISTS (SELECT 1 FROM step WHERE deployment = recent.id AND step IN ({string.Join(", ", Enum.GetValues<Step>().Where(step => step.TouchesTheHost()).Select(step => $"'{step.ToWord()}'"))}))
        ORDER BY started_at DESC, id DESC LIMIT 1
        """;

    /// <summary>A deployment was begun, or the stack's deployment was closed (<c>null</c>).</summary>
    public event Action<StackName, Deployment?>? Progressed;

    public Deployment Open(StackName stack, Cause cause, string causeDetail, CommitId commit, int? previous, DateTimeOffset at)
    {
        const string Text = """
            INSERT INTO deployment (stack, cause, cause_detail, commit_id, previous, started_at, settled_before)
            VALUES ($stack, $cause, $detail, $commit, $previous, $at, (SELECT settled_key FROM stack WHERE name = $stack))
            RETURNING *
            """;

        // a release folder beside an empty database is a lost memory: until there is a release, this waits for the disk
        var opened = NextReleaseNumber(stack) == 1 ? database.Write(Begin) : database.Note(Begin);
        Progressed?.Invoke(stack, opened);
        return opened;

        Deployment Begin(Sql sql)
        {
            EnsureStack(sql, stack);
            if (FindOpen(sql, stack) is { } open)
            {
                throw new InvalidOperationException($"{stack}: deployment {open.Id} is still open; a stack has one at a time");
            }

            return sql.First(
                Text,
                row => ReadDeployment(sql, row),
                ("$stack", stack.Value),
                ("$cause", cause.ToWord()),
                ("$detail", causeDetail),
                ("$commit", commit.Value),
                ("$previous", previous),
                ("$at", at))!;
        }
    }

    public void RecordSubject(long deployment, string subject, string author) => database.Note(sql => MustChange(
        sql.Execute("UPDATE deployment SET subject = $subject, author = $author WHERE id = $id AND result IS NULL", ("$subject", subject), ("$author", author), ("$id", deployment)),
        NotOpen(deployment)));

    public void ForgetSteps(long deployment) =>
        database.Note(sql => sql.Execute("DELETE FROM step WHERE deployment IN (SELECT id FROM deployment WHERE id = $id AND result IS NULL)", ("$id", deployment)));

    public void BeginStep(long deployment, Step step, DateTimeOffset at)
    {
        const string Text = """
            INSERT INTO step (deployment, step, started_at)
            SELECT id, $step, $at FROM deployment WHERE id = $id AND result IS NULL
            """;
        Record(step, sql => MustChange(sql.Execute(Text, ("$id", deployment), ("$step", step.ToWord()), ("$at", at)), NotOpen(deployment)));
    }

    public void EndStep(long deployment, Step step, bool succeeded, string detail, DateTimeOffset at)
    {
        const string Text = """
            UPDATE step SET ended_at = $at, succeeded = $succeeded, detail = $detail
            WHERE ended_at IS NULL AND id = (SELECT max(id) FROM step WHERE deployment = $id AND step = $step)
            """; // the newest: one begun before a restart stays without an end
        Record(step, sql => MustChange(
            sql.Execute(Text, ("$id", deployment), ("$step", step.ToWord()), ("$succeeded", succeeded), ("$detail", detail), ("$at", at)),
            $"step {step.ToWord()} of deployment {deployment} has not begun, or has ended"));
    }

    /// <summary>What touches the host is on the disk before it begins and when it ended; what comes before it goes to the disk with it.</summary>
    private void Record(Step step, Action<Sql> work)
    {
        if (step.TouchesTheHost())
        {
            database.Write(work);
        }
        else
        {
            database.Note(work);
        }
    }

    public int CountStart(long deployment) => database.Note(sql => sql.First(
        "UPDATE deployment SET starts = starts + 1 WHERE id = $id AND result IS NULL RETURNING starts",
        row => row.NumberOrNull("starts"),
        ("$id", deployment)) ?? throw new InvalidOperationException(NotOpen(deployment)));

    public void RecordBaseline(long deployment, Baseline baseline) => database.Note(sql =>
    {
        MustChange(sql.Execute("UPDATE deployment SET has_baseline = 1 WHERE id = $id AND result IS NULL", ("$id", deployment)), NotOpen(deployment));
        ForgetBaseline(sql, deployment);
        foreach (var (container, restarts) in baseline.Restarts)
        {
            sql.Execute(
                "INSERT INTO baseline_restart (deployment, container, restarts) VALUES ($id, $container, $restarts)",
                ("$id", deployment),
                ("$container", container),
                ("$restarts", restarts));
        }

        foreach (var title in baseline.FailingProbes.Distinct())
        {
            sql.Execute("INSERT INTO baseline_probe (deployment, title) VALUES ($id, $title)", ("$id", deployment), ("$title", title));
        }
    });

    public void RecordFailure(long deployment, Failure failure) => database.Write(sql =>
    {
        MustChange(sql.Execute("UPDATE deployment SET reason = $reason WHERE id = $id AND result IS NULL", ("$id", deployment), ("$reason", failure.Message)), NotOpen(deployment));
        WriteEvidence(sql, deployment, failure.Evidence);
    });

    public int CountRecovery(long deployment) => database.Write(sql => sql.First(
        "UPDATE deployment SET recoveries = recoveries + 1 WHERE id = $id AND result IS NULL RETURNING recoveries",
        row => row.NumberOrNull("recoveries"),
        ("$id", deployment)) ?? throw new InvalidOperationException(NotOpen(deployment)));

    public void RecordOrderlyStop(long deployment)
    {
        const string Text = """
            UPDATE deployment SET
                recoveries = max(recoveries - 1, 0),
                starts = max(starts - (SELECT count(*) FROM step WHERE id = (SELECT max(id) FROM step WHERE deployment = $id) AND step = $apply AND ended_at IS NULL), 0)
            WHERE id = $id AND result IS NULL
            """;
        database.Write(sql => sql.Execute(Text, ("$id", deployment), ("$apply", Step.Apply.ToWord())));
    }

    public void Close(long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change, DateTimeOffset at, Announcement? announcement)
    {
        const string Text = """
            UPDATE deployment SET result = $result, reason = $reason, ended_at = $at
            WHERE id = $id AND result IS NULL
            RETURNING stack
            """;
        string? stack = null;
        WriteAndAnnounce(announcement, sql =>
        {
            stack = sql.First(Text, row => row.Text("stack"), ("$id", deployment), ("$result", result.ToWord()), ("$reason", reason), ("$at", at));
            if (stack is null)
            {
                _ = Find(sql, deployment) ?? throw new InvalidOperationException($"there is no deployment {deployment}");
                return; // closed before: the first result counts
            }

            WriteEvidence(sql, deployment, evidence);
            ForgetBaseline(sql, deployment);
            Change(sql, stack, change, reason, at);
            Queue(sql, announcement);
        });
        if (stack is not null)
        {
            Progressed?.Invoke(StackName.Parse(stack), null);
        }
    }

    /// <summary>Mostly there is none, which the state's question, kept compiled, says for less.</summary>
    public Deployment? FindOpen(StackName stack) => ReadState(stack).HasOpen ? database.Read(sql => FindOpen(sql, stack)) : null;

    public TrialEnd? FindLastTrial(StackName stack, int among) => database.ReadFirst(
        LastTrialOfStack,
        row => new TrialEnd(row.Word<Cause>("cause"), row.TextOrNull("result") is null ? null : row.Word<DeploymentResult>("result"), row.TimeOrNull("ended_at")),
        ("$stack", stack.Value),
        ("$among", among));

    /// <summary>The deployments that are under way, of all stacks.</summary>
    public IReadOnlyList<Deployment> ReadOpen() => database.Read(sql => sql.All("SELECT * FROM deployment WHERE result IS NULL", row => ReadDeployment(sql, row)));

    public Deployment? FindDeployment(long id) => database.Read(sql => Find(sql, id));

    public IReadOnlyList<Deployment> ReadDeployments(StackName? stack, int limit, DateTimeOffset? since = null) => database.Read(sql => sql.All(
        stack is null ? HistoryOfAll : HistoryOfStack,
        row => ReadDeployment(sql, row),
        [("$since", since ?? DateTimeOffset.MinValue), ("$limit", limit), .. stack is null ? [] : new (string, object?)[] { ("$stack", stack.Value) }]));

    private static Deployment? FindOpen(Sql sql, StackName stack) => sql.First(
        "SELECT * FROM deployment WHERE stack = $stack AND result IS NULL", row => ReadDeployment(sql, row), ("$stack", stack.Value));

    private static Deployment? Find(Sql sql, long id) => sql.First("SELECT * FROM deployment WHERE id = $id", row => ReadDeployment(sql, row), ("$id", id));

    /// <summary>In place of what there was.</summary>
    private static void WriteEvidence(Sql sql, long deployment, IReadOnlyList<Evidence> evidence)
    {
        sql.Execute("DELETE FROM evidence WHERE deployment = $id", ("$id", deployment));
        for (var position = 0; position < evidence.Count; position++)
        {
            sql.Execute(
                "INSERT INTO evidence (deployment, position, subject, text) VALUES ($id, $position, $subject, $text)",
                ("$id", deployment),
                ("$position", position),
                ("$subject", evidence[position].Subject),
                ("$text", evidence[position].Text));
        }
    }

    private static void ForgetBaseline(Sql sql, long deployment)
    {
        sql.Execute("DELETE FROM baseline_restart WHERE deployment = $id", ("$id", deployment));
        sql.Execute("DELETE FROM baseline_probe WHERE deployment = $id", ("$id", deployment));
    }

    private static Baseline? ReadBaseline(Sql sql, Row row, long deployment) => row.TextOrNull("result") is not null || row.Number("has_baseline") == 0 ? null : new Baseline(
        sql.All("SELECT * FROM baseline_restart WHERE deployment = $id", entry => (Container: entry.Text("container"), Restarts: entry.Id("restarts")), ("$id", deployment))
            .ToDictionary(entry => entry.Container, entry => entry.Restarts),
        sql.All("SELECT * FROM baseline_probe WHERE deployment = $id", entry => entry.Text("title"), ("$id", deployment)));

    private static void Change(Sql sql, string stack, StackChange change, string reason, DateTimeOffset at)
    {
        const string Stack = """
            UPDATE stack SET
                last_known_good = coalesce($good, last_known_good),
                applied = coalesce($applied, applied),
                settled_key = coalesce($settled, settled_key)
            WHERE name = $stack
            """;
        const string Commit = "UPDATE release SET committed_at = coalesce(committed_at, $at) WHERE stack = $stack AND number = $number";
        const string Quarantine = "UPDATE release SET quarantined_at = $at, quarantine_reason = $reason WHERE stack = $stack AND number = $number";

        if (change.Commit is { } passed)
        {
            MustChange(sql.Execute(Commit, ("$stack", stack), ("$number", passed), ("$at", at)), NoRelease(stack, passed));
        }

        if (change.Quarantine is { } failed)
        {
            MustChange(sql.Execute(Quarantine, ("$stack", stack), ("$number", failed), ("$at", at), ("$reason", reason)), NoRelease(stack, failed));
        }

        if (change.Suspend is { } because)
        {
            sql.Execute("UPDATE stack SET suspended_because = $because, suspended_at = $at WHERE name = $stack", ("$stack", stack), ("$because", because), ("$at", at));
        }

        sql.Execute(Stack, ("$stack", stack), ("$good", change.LastKnownGood), ("$applied", change.Applied), ("$settled", change.SettledKey));
    }

    private static Deployment ReadDeployment(Sql sql, Row row)
    {
        var id = row.Id("id");
        return new Deployment
        {
            Id = id,
            Stack = StackName.Parse(row.Text("stack")),
            Cause = row.Word<Cause>("cause"),
            CauseDetail = row.Text("cause_detail"),
            Commit = CommitId.Parse(row.Text("commit_id")),
            Subject = row.Text("subject"),
            Author = row.Text("author"),
            Release = row.NumberOrNull("release"),
            Previous = row.NumberOrNull("previous"),
            StartedAt = row.Time("started_at"),
            EndedAt = row.TimeOrNull("ended_at"),
            Result = row.TextOrNull("result") is null ? null : row.Word<DeploymentResult>("result"),
            Reason = row.Text("reason"),
            Starts = row.Number("starts"),
            Recoveries = row.Number("recoveries"),
            SettledBefore = row.TextOrNull("settled_before"),
            Baseline = ReadBaseline(sql, row, id),
            Steps = sql.All(StepsOfDeployment, ReadStep, ("$id", id)),
            Evidence = sql.All(EvidenceOfDeployment, evidence => new Evidence(evidence.Text("subject"), evidence.Text("text")), ("$id", id)),
        };
    }

    private static StepRecord ReadStep(Row row) =>
        new(row.Word<Step>("step"), row.Time("started_at"), row.TimeOrNull("ended_at"), row.FlagOrNull("succeeded"), row.Text("detail"));

    /// <summary>A change that its own guard refused is an error of the caller, and takes the whole transaction back.</summary>
    private static void MustChange(int rows, string otherwise)
    {
        if (rows == 0)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static string NotOpen(long deployment) => $"deployment {deployment} is not open";

    private static string NoRelease(string stack, int number) => $"{stack} has no release #{number}";
}
