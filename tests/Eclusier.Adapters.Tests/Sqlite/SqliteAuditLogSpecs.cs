using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Access;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class SqliteAuditLogSpecs : JournalTest
{
    private static readonly AuditedAction Deployed = new(new Caller("ann", Role.Operate, "192.0.2.7"), "deploy", Shop, "forced", "the hotfix");
    private static readonly AuditedAction Revoke = new(new Caller("uid 0", Role.Admin, "socket"), "token revoke", null, "ci", "");

    private SqliteAuditLog Audit => new(Database);

    [Fact]
    public void What_was_begun_is_kept_also_without_an_end()
    {
        var first = Audit.Begin(Deployed, Noon);
        var second = Audit.Begin(Revoke, Noon.AddMinutes(1));
        Audit.End(second, "done", Noon.AddMinutes(2));
        Audit.End(second, "changed afterwards", Noon.AddMinutes(3));
        Reopen();

        Assert.Equal(
            [new AuditEntry(second, Noon.AddMinutes(1), Revoke, Noon.AddMinutes(2), "done"), new AuditEntry(first, Noon, Deployed, null, null)],
            Audit.Read(10));
        Assert.Equal(second, Assert.Single(Audit.Read(1)).Id);
    }

    [Fact]
    public void It_goes_back_more_than_a_year()
    {
        Audit.Begin(Deployed, Noon);
        var kept = Audit.Begin(Deployed, Noon.AddDays(1));
        var last = Audit.Begin(Deployed, Noon.AddDays(401));

        Assert.Equal([last, kept], Audit.Read(10).Select(entry => entry.Id));
    }
}
