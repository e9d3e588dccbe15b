using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Sqlite;

/// <content>Releases: numbered, committed, quarantined, freed.</content>
public sealed partial class SqliteJournal
{
    internal const string ReleasesOfStack = "SELECT * FROM release WHERE stack = $stack ORDER BY number DESC";

    public void RecordRelease(long deployment, Release release) => database.Note(sql =>
    {
        var number = RecordOrFind(sql, release);
        MustChange(
            sql.Execute(
                "UPDATE deployment SET release = $number WHERE id = $id AND stack = $stack AND result IS NULL",
                ("$number", number),
                ("$id", deployment),
                ("$stack", release.Stack.Value)),
            $"{NotOpen(deployment)} for {release.Stack}");
    });

    public int NextReleaseNumber(StackName stack) => database.Read(sql =>
        sql.First("SELECT highest_release FROM stack WHERE name = $stack", row => row.Number("highest_release"), ("$stack", stack.Value))) + 1;

    public void Adopt(Release release, DateTimeOffset at) => database.Write(sql =>
    {
        EnsureStack(sql, release.Stack);
        var number = RecordOrFind(sql, release);
        Change(sql, release.Stack.Value, new StackChange { Commit = number, LastKnownGood = number }, reason: "", at);
    });

    public void Rebuild(IReadOnlyList<RebuiltStack> stacks, DateTimeOffset at, Announcement announcement) => WriteAndAnnounce(announcement, sql =>
    {
        const string Suspended = "suspended_because = $because, suspended_at = $at, highest_release = max(highest_release, $highest)";
        foreach (var stack in stacks)
        {
            ChangeStack(sql, stack.Stack, Suspended, ("$because", stack.SuspendedBecause), ("$at", at), ("$highest", stack.HighestNumber));
            foreach (var (release, committedAt) in stack.Releases)
            {
                var number = RecordOrFind(sql, release);
                if (committedAt is { } passed)
                {
                    Change(sql, stack.Stack.Value, new StackChange { Commit = number }, reason: "", passed);
                }
            }
        }

        Queue(sql, announcement);
    });

    public void Recognise(StackName stack, int release, DateTimeOffset at) => database.Write(sql =>
        Change(sql, stack.Value, new StackChange { Commit = release, LastKnownGood = release, Applied = release }, reason: "", at));

    public void FreeFromQuarantine(StackName stack, int release) => database.Note(sql => MustChange(
        sql.Execute(
            "UPDATE release SET quarantined_at = NULL, quarantine_reason = '' WHERE stack = $stack AND number = $number",
            ("$stack", stack.Value),
            ("$number", release)),
        NoRelease(stack.Value, release)));

    public IReadOnlyList<ReleaseEntry> ReadReleases(StackName stack) => database.Read(sql => sql.All(ReleasesOfStack, ReadRelease, ("$stack", stack.Value)));

    public ReleaseEntry? FindRelease(StackName stack, int number) => database.ReadFirst(
        "SELECT * FROM release WHERE stack = $stack AND number = $number", ReadRelease, ("$stack", stack.Value), ("$number", number));

    public ReleaseEntry? FindRelease(StackName stack, string id) => database.Read(sql => Find(sql, stack, id));

    private static ReleaseEntry? Find(Sql sql, StackName stack, string id) => sql.First(
        "SELECT * FROM release WHERE stack = $stack AND id = $id", ReadRelease, ("$stack", stack.Value), ("$id", id));

    /// <returns>The number it is known by: an equal release keeps its first one.</returns>
    private static int RecordOrFind(Sql sql, Release release)
    {
        const string Text = """
            INSERT INTO release (stack, number, id, model_hash, commit_id, subject, author, prepared_at)
            VALUES ($stack, $number, $id, $modelHash, $commit, $subject, $author, $preparedAt)
            """;
        if (Find(sql, release.Stack, release.Id) is { } known)
        {
            return known.Number;
        }

        if (sql.First("SELECT id FROM release WHERE stack = $stack AND number = $number", row => row.Text("id"), ("$stack", release.Stack.Value), ("$number", release.Number)) is { } other)
        {
            throw new InvalidOperationException($"{release.Stack}: number {release} is taken by the release {other}, and cannot be given to {release.Id}");
        }

        sql.Execute(
            Text,
            ("$stack", release.Stack.Value),
            ("$number", release.Number),
            ("$id", release.Id),
            ("$modelHash", release.ModelHash),
            ("$commit", release.Revision?.Commit.Value),
            ("$subject", release.Revision?.Subject ?? ""),
            ("$author", release.Revision?.Author ?? ""),
            ("$preparedAt", release.PreparedAt));
        sql.Execute(
            "UPDATE stack SET highest_release = max(highest_release, $number) WHERE name = $stack",
            ("$number", release.Number),
            ("$stack", release.Stack.Value));
        return release.Number;
    }

    private static ReleaseEntry ReadRelease(Row row) => new(
        StackName.Parse(row.Text("stack")),
        row.Number("number"),
        row.Text("id"),
        row.Text("model_hash"),
        row.CommitOrNull("commit_id"),
        row.Text("subject"),
        row.Time("prepared_at"))
    {
        Author = row.Text("author"),
        CommittedAt = row.TimeOrNull("committed_at"),
        QuarantinedAt = row.TimeOrNull("quarantined_at"),
        QuarantineReason = row.Text("quarantine_reason"),
    };
}
