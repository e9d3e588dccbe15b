using System.Globalization;
using Eclusier.Lab;
using Microsoft.Data.Sqlite;

namespace Eclusier.Acceptance;

/// <summary>Another version of the program opens what was recorded: a newer one goes on with it, an older one leaves it alone.</summary>
public sealed class UpgradeSpecs : IAsyncLifetime
{
    /// <summary>What came after version 5, taken back: the database as that version's program would have left it.</summary>
    private const string BackToVersion5 = """
        DROP TABLE token;
        DROP TABLE audit;
        ALTER TABLE stack DROP COLUMN loaded_files;
        ALTER TABLE stack DROP COLUMN seen_since;
        PRAGMA user_version = 5;
        """;

    private Shop shop = null!;
    private string container = "";

    private string Database => AgentDatabase.PathIn(shop.Host.StateDirectory);

    public async ValueTask InitializeAsync()
    {
        shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        container = (await shop.ContainerAsync("web")).Id;
        Assert.Equal(0, await shop.Host.StopAsync());
    }

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task A_newer_program_keeps_a_copy_of_an_older_database_and_goes_on_where_that_one_stopped()
    {
        var before = await shop.HistoryAsync();
        var current = Version(Database);
        Change(BackToVersion5);

        await shop.Host.StartAsync();

        var status = await shop.AwaitStatusAsync("it is healthy", one => one.State == "healthy");
        Assert.Equal((2, true), (status.LastKnownGood!.Number, status.RollbackPossible));
        Assert.Equal(before.Deployments.Select(one => (one.Id, one.Commit, one.Result)), (await shop.HistoryAsync()).Deployments.Select(one => (one.Id, one.Commit, one.Result)));
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal(current, Version(Database));
        Assert.Equal(5, Version($"{Database}.v5.bak"));

        var bad = await shop.PushAsync("v3", version => version.Crashing());
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }

    [Fact]
    public async Task An_older_program_refuses_a_newer_database_says_what_to_do_and_touches_nothing()
    {
        var current = Version(Database);
        Change($"PRAGMA user_version = {current + 1}");
        await shop.PushAsync("v3");

        var once = await shop.Host.RunAsync("monitor", "--once");
        var status = await shop.Host.RunAsync("status");

        Assert.All([once, status], outcome =>
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Contains($"the database '{Database}' is of version {current + 1}, this program knows up to version {current}: a newer Eclusier has used it", outcome.Error, StringComparison.Ordinal);
            Assert.Contains($"put the copy '{Database}.v{current}.bak' in its place", outcome.Error, StringComparison.Ordinal);
        });
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Contains(":v2", shop.AppliedCompose(), StringComparison.Ordinal);
        Assert.Equal(current + 1, Version(Database));

        Change($"PRAGMA user_version = {current}"); // the newer one is installed again
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", shop.Repository.Head);
    }

    private static int Version(string path)
    {
        using var database = AgentDatabase.Open(path);
        using var query = database.CreateCommand();
        query.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(query.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Change(string sql)
    {
        using var database = AgentDatabase.Open(Database, SqliteOpenMode.ReadWrite);
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
