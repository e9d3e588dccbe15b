using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The database, or a release folder, is damaged between two lives of the agent: containers run on, and a person says when to go on.</summary>
public sealed class LostMemorySpecs : IAsyncLifetime
{
    private Shop shop = null!;
    private string commit = "";
    private string container = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(shop.Host.StateDirectory, "eclusier.db");

    public async ValueTask InitializeAsync()
    {
        shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        commit = await shop.PushAsync("v2");
        await shop.ExpectAsync("committed", commit);
        container = (await shop.ContainerAsync("web")).Id;
    }

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Theory]
    [InlineData("noise")]
    [InlineData("truncated")]
    [InlineData("missing")]
    public async Task A_lost_database_suspends_the_stack_until_a_person_resumes_it(string how)
    {
        Assert.Equal(0, await shop.Host.StopAsync());
        Lose(how);

        await shop.Host.StartAsync();

        var status = await shop.AwaitStatusAsync("it is suspended", one => one.State == "suspended");
        Assert.Contains(how == "missing" ? "the database was missing or empty" : "the database was damaged", status.SuspendedBecause, StringComparison.Ordinal);
        Assert.Contains("2 release folders told what was deployed", status.SuspendedBecause, StringComparison.Ordinal);
        Assert.Equal(commit, status.Running!.Commit); // recognised by its containers
        Assert.Null(status.LastKnownGood);
        Assert.Equal(how == "missing" ? 0 : 1, Directory.GetFiles(shop.Host.StateDirectory, "eclusier.db.damaged-*").Count(file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)));
        await shop.PushAsync("v3");
        await shop.PollsAsync(2);
        await ExpectUntouchedAsync();

        (await shop.RunAsync("resume")).Succeeded();

        await shop.ExpectAsync("committed", shop.Repository.Head);
        Assert.Equal("web v3", await shop.AnswerAsync());
        Assert.Equal([3, 2, 1], (await shop.HistoryAsync()).Releases.Select(release => release.Number));
        var bad = await shop.PushAsync("v4", version => version.Crashing());
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v3", await shop.AnswerAsync());
    }

    [Fact]
    public async Task What_runs_when_it_is_resumed_becomes_last_known_good()
    {
        Assert.Equal(0, await shop.Host.StopAsync());
        Lose("noise");
        await shop.Host.StartAsync();

        (await shop.RunAsync("resume")).Succeeded();

        var status = await shop.AwaitStatusAsync("it is healthy", one => one.State == "healthy");
        Assert.Equal((2, 2), (status.LastKnownGood!.Number, status.Running!.Number));
        Assert.True(status.RollbackPossible);
        await ExpectUntouchedAsync();
        Assert.Empty(await shop.TrialsAsync());
    }

    [Theory]
    [InlineData("compose.json")]
    [InlineData("release.json")]
    public async Task A_damaged_last_known_good_is_seen_at_once_and_made_anew_by_the_next_start(string file)
    {
        var good = (await shop.StatusAsync()).LastKnownGood!;
        var folder = Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases", good.Id);
        File.WriteAllText(Path.Combine(folder, file), "{");

        var status = await shop.StatusAsync();
        Assert.False(status.RollbackPossible);
        Assert.Contains($"{file}' is damaged", status.RollbackObstacle, StringComparison.Ordinal);
        Assert.Equal(0, await shop.Host.StopAsync());
        await shop.Host.StartAsync();

        status = await shop.AwaitStatusAsync("going back is possible again", one => one.RollbackPossible == true && one.Deployment is null);
        Assert.Equal((good.Number, good.Id), (status.LastKnownGood!.Number, status.LastKnownGood.Id));
        Assert.Contains($"release #{good.Number}: its folder was damaged", Assert.Single(status.Damaged), StringComparison.Ordinal);
        await ExpectUntouchedAsync();
    }

    [Fact]
    public async Task A_rollback_passes_a_damaged_release_over()
    {
        var good = (await shop.StatusAsync()).LastKnownGood!;
        File.Delete(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases", good.Id, "compose.json"));

        var bad = await shop.PushAsync("v3", version => version.Crashing());

        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(1, (await shop.StatusAsync()).LastKnownGood!.Number);
    }

    private void Lose(string how)
    {
        foreach (var log in new[] { "-wal", "-shm" })
        {
            File.Delete(Database + log);
        }

        if (how == "missing")
        {
            File.Delete(Database);
            return;
        }

        using var file = new FileStream(Database, FileMode.Open);
        if (how == "truncated")
        {
            file.SetLength(file.Length / 2);
            return;
        }

        var noise = new byte[file.Length];
        new Random(4711).NextBytes(noise);
        file.Write(noise);
    }

    private async Task ExpectUntouchedAsync()
    {
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }
}
