using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Tests.Sqlite;

/// <summary>A journal in a real file, and a valid start for what goes into it.</summary>
public abstract class JournalTest : IDisposable
{
    protected static readonly StackName Shop = StackName.Parse("shop");
    protected static readonly StackName Blog = StackName.Parse("blog");
    protected static readonly DateTimeOffset Noon = new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567);
    protected static readonly CommitId Commit = CommitId.Parse(new string('c', 40));

    private readonly ScratchFolder folder = new();

    protected JournalTest()
    {
        Database = SqliteDatabase.Open(Path);
        Journal = new SqliteJournal(Database);
    }

    protected string Path => folder["eclusier.db"];

    protected SqliteDatabase Database { get; private set; }

    protected IJournal Journal { get; private set; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Database.Dispose();
        folder.Dispose();
    }

    /// <summary>What is still there after a restart.</summary>
    protected void Reopen()
    {
        Database.Dispose();
        Database = SqliteDatabase.Open(Path);
        Journal = new SqliteJournal(Database);
    }

    /// <summary>From outside, as a person with a shell would.</summary>
    protected object? Query(string sql) => Query(Path, sql);

    protected static object? Query(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    protected static Release SomeRelease(int number, StackName? stack = null, char id = '\0') => new()
    {
        Id = new string(id == '\0' ? (char)('0' + number) : id, 64),
        Number = number,
        Stack = stack ?? Shop,
        Project = "shop",
        Repository = "https://git.example/shop.git",
        Revision = new Revision("main", Commit, "Ada", Noon, $"Change {number}"),
        ProjectDirectory = "/srv/shop",
        Services = [],
        ModelHash = $"model-{number}",
        PreparedAt = Noon,
    };

    protected static Announcement SomeAnnouncement(string cause, params string[] recipients) => new(
        cause,
        new Event { Id = Guid.NewGuid().ToString(), Kind = EventKind.RolledBack, At = Noon, Host = "srv1", Stack = "shop", Title = cause, Message = "caf\u00e9 <b>" },
        recipients);

    protected Deployment OpenOne(StackName? stack = null, DateTimeOffset? at = null) =>
        Journal.Open(stack ?? Shop, Cause.Commit, "", Commit, previous: null, at ?? Noon);

    protected void CloseOne(Deployment deployment, DeploymentResult result = DeploymentResult.Committed, StackChange? change = null, string reason = "healthy") =>
        Journal.Close(deployment.Id, result, reason, [], change ?? new StackChange(), Noon.AddMinutes(1), SomeAnnouncement($"deployment/{deployment.Id}"));

    /// <summary>A deployment of a release that passed.</summary>
    protected void Deploy(int number, StackName? stack = null)
    {
        var deployment = OpenOne(stack);
        Journal.RecordRelease(deployment.Id, SomeRelease(number, stack));
        CloseOne(deployment, change: new StackChange { LastKnownGood = number, Applied = number, Commit = number, SettledKey = $"key-{number}" });
    }
}
