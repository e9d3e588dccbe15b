using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The ways in which a release is bad: each of them goes back to what ran before.</summary>
public sealed class BadReleaseSpecs(BadReleaseSpecs.OpenShop open) : IClassFixture<BadReleaseSpecs.OpenShop>
{
    private const string Health = "timeout: 8s\ninterval: 300ms\nsoak: 1s";

    private readonly Shop shop = open.Afresh();

    [Fact]
    public async Task One_that_crashes_at_its_start()
    {
        var deployment = await ExpectRollbackAsync(version => version.Crashing(3), "exited with code 3");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("fatal: cannot open database", StringComparison.Ordinal));
        Assert.True(Seconds(deployment, "health-gate") < 5, "a definite failure is not waited out");
    }

    [Fact]
    public async Task One_that_crashes_and_is_restarted_for_ever()
    {
        shop.WebKeys = "restart: always";
        var deployment = await ExpectRollbackAsync(version => version.Crashing(), "was restarted 5 times|is restarting, last exit code 1|is not healthy after 8 s");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("fatal: cannot open database", StringComparison.Ordinal));
        Assert.Equal(0, (await shop.ContainerAsync("web")).Restarts);
    }

    [Fact]
    public async Task One_that_answers_500()
    {
        var deployment = await ExpectRollbackAsync(version => version.Answering(500), "500");
        Assert.Contains(deployment.Evidence, evidence => evidence.Subject == $"probe http http://127.0.0.1:{shop.Port}/" && evidence.Text.Contains("500", StringComparison.Ordinal));
        Assert.True(Seconds(deployment, "health-gate") >= 8, "it had all its time");
    }

    [Fact]
    public async Task One_whose_healthcheck_never_passes()
    {
        var deployment = await ExpectRollbackAsync(version => version.With("health", "503") with { HasHealthcheck = true }, "is unhealthy");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("/health: HTTP 503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_runs_out_of_memory()
    {
        shop.WebKeys = "mem_limit: 20m\nmemswap_limit: 20m";
        await ExpectRollbackAsync(version => version.With("hog", "100"), "ran out of memory and was killed|exited with code 137 \\(killed, perhaps for lack of memory\\)");
    }

    [Fact]
    public async Task One_whose_migration_fails()
    {
        shop.MoreServices = $"migration: {{ image: {shop.Image("migration", "v1")} }}";
        await shop.PushImageAsync("migration", "v1", "v1", bits => bits.With("exit", "4"), mode: "job");
        var deployment = await ExpectRollbackAsync(version => version, "migration.* exited with code 4");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("migration v1: job failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_whose_migration_fails_before_the_service_that_waits_for_it()
    {
        shop.WebKeys = "depends_on: { migration: { condition: service_completed_successfully } }";
        shop.MoreServices = $"migration: {{ image: {shop.Image("migration", "v1")} }}";
        await shop.PushImageAsync("migration", "v1", "v1", bits => bits.With("exit", "4"), mode: "job");
        var deployment = await ExpectRollbackAsync(version => version, "migration.*(didn't complete successfully: exit 4|exited with code 4)");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("migration v1: job failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Not_one_that_starts_slowly_within_its_time_nor_one_whose_migration_succeeds()
    {
        shop.WebKeys = "depends_on: { migration: { condition: service_completed_successfully } }";
        shop.MoreServices = $"migration: {{ image: {shop.Image("migration", "v2")} }}\ncleaning: {{ image: {shop.Image("migration", "v2")} }}";
        await shop.PushImageAsync("migration", "v2", "v2", mode: "job");
        var version = open.NextVersion();

        await shop.ExpectAsync("committed", open.Good = await shop.PushAsync(version, bits => bits.With("start_delay", "4")));

        open.Answer = $"web {version}";
        Assert.Equal(open.Answer, await shop.AnswerAsync());
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
        var jobs = (await shop.ContainersAsync()).Where(container => container.Service != "web").Select(container => (container.Service, container.State, container.ExitCode));
        Assert.Equal([("cleaning", "exited", 0), ("migration", "exited", 0)], jobs);
    }

    private async Task<DeploymentView> ExpectRollbackAsync(Func<Behaviour, Behaviour> bits, string reason)
    {
        var before = await shop.ContainersAsync();
        var bad = await shop.PushAsync(open.NextVersion(), bits);
        var deployment = await shop.ExpectAsync("rolled-back", bad);

        Assert.Matches(new Regex(reason, RegexOptions.Singleline), deployment.Reason);
        Assert.Equal(open.Answer, await shop.AnswerAsync());
        Assert.Equal(before.Select(Bits), (await shop.ContainersAsync()).Select(Bits)); // and what the bad release brought is gone
        var status = await shop.StatusAsync();
        Assert.Equal(("rolled-back", open.Good), (status.State, status.LastKnownGood?.Commit));
        Assert.Equal(bad, status.Quarantined[0].Commit);
        Assert.Equal(open.Good, GitRepository.GitIn(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "work"), "rev-parse", "HEAD"));
        return deployment;

        static (string, string, string, string) Bits(LabContainer container) => (container.Service, container.State, container.Image, container.ImageId);
    }

    private static double Seconds(DeploymentView deployment, string step) => deployment.Steps.First(done => done.Step == step).Seconds ?? 0;

    /// <summary>A shop that all of these happen to, one after the other.</summary>
    public sealed class OpenShop : IAsyncLifetime
    {
        private Shop shop = null!;
        private int version;

        /// <summary>The commit that is last known good.</summary>
        public string Good { get; set; } = "";

        /// <summary>What it answers.</summary>
        public string Answer { get; set; } = "";

        public string NextVersion() => $"v{++version}";

        public async ValueTask InitializeAsync()
        {
            shop = await Shop.CreateAsync(health: Health);
            // not /health, so that only the healthcheck sees what goes wrong there
            shop.Configure(health: $"{Health}\nprobes: [{{ http: \"http://127.0.0.1:{shop.Port}/\", timeout: 2s }}]", probe: false);
            Answer = $"web {NextVersion()}";
            Good = await shop.PushAsync("v1");
            await shop.Host.StartAsync();
            await shop.ExpectAsync("committed", Good);
        }

        public ValueTask DisposeAsync() => shop.DisposeAsync();

        internal Shop Afresh()
        {
            (shop.WebKeys, shop.MoreServices, shop.MoreSections) = ("", "", "");
            return shop;
        }
    }
}
