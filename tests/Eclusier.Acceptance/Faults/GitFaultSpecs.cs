using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>A git server, asked over HTTP, that misbehaves. One that is down, hangs, or answers 401, 500 or 503: see <see cref="OutageSpecs"/>.</summary>
public sealed class GitFaultSpecs(GitFaultSpecs.Fixture fixture) : IClassFixture<GitFaultSpecs.Fixture>
{
    private Shop Shop => fixture.Shop;

    private FaultyFront Front => fixture.Front;

    [Theory]
    [InlineData(403, "rejected", "the server refused the credentials")]
    [InlineData(404, "rejected", "not found")]
    [InlineData(429, "unavailable", "429")]
    public Task It_answers_the_question_for_the_branch_with_an_error(int status, string state, string says) =>
        DelaysAsync(new Fault.Status(status, RetryAfter: 1), state, says, Front.Url);

    [Fact]
    public Task It_is_cut_off_in_the_middle_of_telling_its_branches() => DelaysAsync(new Fault.CutOff(20), "unavailable", Front.Url);

    [Fact]
    public Task It_tells_noise_instead_of_its_branches() => DelaysAsync(new Fault.Garbage(), "unavailable", Front.Url);

    [Fact]
    public Task It_is_cut_off_in_the_middle_of_a_commit() => DelaysAsync(new Fault.CutOff(100) { Where = IsFetch }, "unavailable", "fetching from", Front.Url);

    [Fact]
    public Task It_sends_noise_instead_of_a_commit() => DelaysAsync(new Fault.Garbage { Where = IsFetch }, "unavailable", "fetching from", Front.Url);

    [Fact]
    public Task It_damages_a_commit_on_the_way() => DelaysAsync(new Fault.Damage { Where = IsFetch }, "unavailable", "fetching from", Front.Url);

    [Fact]
    public Task It_answers_429_when_a_commit_is_fetched() => DelaysAsync(new Fault.Status(429, RetryAfter: 1) { Where = IsFetch }, "unavailable", "429");

    /// <summary>git gives up after 30 s of silence: long, since a slow server is no broken one.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public async Task It_falls_silent_in_the_middle_of_a_fetch()
    {
        var watch = Stopwatch.StartNew();
        await DelaysAsync(new Fault.Silence { Where = IsFetch }, "unavailable", "fetching from", Front.Url);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(30));
    }

    /// <summary>Protocol version 2: the question and the fetch come to the same address.</summary>
    private static bool IsFetch(FrontRequest request) => request.Body.Contains("command=fetch", StringComparison.Ordinal);

    /// <summary>While it lasts: nothing is touched, the status says what and since when, once; afterwards the commit is deployed by itself.</summary>
    private async Task DelaysAsync(Fault fault, string state, params string[] says)
    {
        var before = await Untouched.AsOfNowAsync(Shop);
        var line = Shop.Host.Journal.Count;
        Front.Fault = fault;
        string commit;
        try
        {
            commit = Shop.Repository.Commit("A good version", ("compose.yaml", Shop.GoodCompose()));
            var status = await Shop.AwaitStatusAsync("it was tried again", status => status.State == state && status.Trouble?.Attempts >= (fault is Fault.Silence ? 1 : 2));
            Assert.All(says, words => Assert.Contains(words, status.Message));
            Assert.True(status.NextCheckAt is not null);
            Assert.Empty(status.Quarantined);
            Assert.Single(Shop.Host.Journal.Skip(line), text => text.EndsWith($"{Shop.Stack}: {status.Message.Split('\n')[0]}", StringComparison.Ordinal)); // told once
            await before.ExpectAsync();
        }
        finally
        {
            Front.Fault = null;
        }

        await Shop.ExpectAsync("committed", commit);
        Assert.Null((await Shop.AwaitStatusAsync("all is well again", status => status.State == "healthy")).Trouble);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private GitHttpServer server = null!;

        internal Shop Shop { get; private set; } = null!;

        internal FaultyFront Front { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Shop = await Shop.CreateAsync();
            server = await GitHttpServer.StartAsync(Path.Combine(Shop.Host.Folder, "git"));
            Front = await FaultyFront.StartAsync(server.Url);
            await Shop.StartAsync($"repository: {Front.Url}/shop.git");
            await Shop.DeployGoodAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Shop.DisposeAsync();
            await Front.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
