using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Health;

/// <summary>Gate of 100 s with a look every 10 s, soak of 15 s, one probe, one service.</summary>
public sealed class HealthGateSpecs : IDisposable
{
    private static readonly Baseline Fresh = new(new Dictionary<string, long>(), []);

    private static readonly Release Release = Some.Release(Some.Service("web"));

    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void What_is_healthy_at_once_passes_at_once()
    {
        Run(ImageBehaviour.Fine);

        Assert.Equal(new Verdict.Passed(""), Wait());
        Assert.Equal(TimeSpan.Zero, host.Clock.Elapsed);
    }

    [Fact]
    public void What_needs_time_to_start_gets_it()
    {
        Run(ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(95)));

        Assert.IsType<Verdict.Passed>(Wait());
        Assert.Equal(TimeSpan.FromSeconds(100), host.Clock.Elapsed); // the last look is at the deadline itself
    }

    [Fact]
    public void What_needs_longer_than_the_timeout_fails_exactly_then()
    {
        Run(ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(101)));

        Assert.StartsWith("release #1 is not healthy after 100 s: container shop-web-1 is starting; http http://shop.test/health: HTTP 500", FailureOf(Wait()).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(100), host.Clock.Elapsed);
        Assert.Equal(11, host.Probes.Attempts);
    }

    [Fact]
    public void A_timeout_that_is_no_multiple_of_the_interval_is_kept_to()
    {
        Run(ImageBehaviour.AnswersBadly);

        Assert.Contains("is not healthy after 25 s", FailureOf(Wait(With(timeout: 25))).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(25), host.Clock.Elapsed);
    }

    [Fact]
    public void It_is_looked_at_once_even_without_any_time()
    {
        Run(ImageBehaviour.Fine);

        Assert.IsType<Verdict.Passed>(Wait(With(timeout: 0)));
        Assert.Equal(1, host.Probes.Attempts);
    }

    [Fact]
    public void A_container_that_exited_for_good_fails_at_the_next_look()
    {
        Run(ImageBehaviour.Crashes with { AnswersAfter = TimeSpan.MaxValue }, restart: "no");

        Assert.Contains("container shop-web-1 exited with code 1", FailureOf(Wait()).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(10), host.Clock.Elapsed);
    }

    [Fact]
    public void An_unhealthy_container_fails_at_the_next_look_with_what_its_healthcheck_said()
    {
        Run(ImageBehaviour.Unhealthy);

        var failure = FailureOf(Wait());

        Assert.Equal(TimeSpan.FromSeconds(10), host.Clock.Elapsed);
        Assert.Contains(new Evidence("container shop-web-1", "is unhealthy; its healthcheck said: GET /health: 503"), failure.Evidence);
    }

    [Fact]
    public void A_loop_of_restarts_fails_before_the_timeout()
    {
        Run(ImageBehaviour.Crashes with { AnswersAfter = TimeSpan.MaxValue });

        Assert.Contains("was restarted 5 times", FailureOf(Wait()).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(10), host.Clock.Elapsed);
    }

    [Fact]
    public void A_few_restarts_while_something_else_starts_are_no_loop()
    {
        Run(ImageBehaviour.Fine with { EndsAfter = TimeSpan.FromSeconds(9), ExitCode = 1, AnswersAfter = TimeSpan.MaxValue });
        host.Clock.In(TimeSpan.FromSeconds(45), () => Container.Behaviour = ImageBehaviour.Fine);

        Assert.IsType<Verdict.Passed>(Wait());
    }

    [Fact]
    public void An_engine_that_is_away_stops_the_clock()
    {
        Run(ImageBehaviour.AnswersBadly);
        host.Clock.In(TimeSpan.FromSeconds(15), () => host.Engine.IsAway = true);
        host.Clock.In(TimeSpan.FromHours(2), () => host.Engine.IsAway = false);

        Assert.IsType<Verdict.Failed>(Wait());

        // it was missed at 20 s and back at 2 h: 80 s were left
        Assert.Equal(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(80), host.Clock.Elapsed);
    }

    [Fact]
    public void An_engine_that_was_killed_does_not_start_all_it_ran_so_the_release_is_applied_once_more_before_it_is_judged()
    {
        Run(ImageBehaviour.Fine);
        host.Engine.IsAway = true;
        host.Clock.In(TimeSpan.FromSeconds(30), () =>
        {
            host.Engine.IsAway = false;
            Container.Stop();
        });
        host.Calls.Before("restore", () => Container.Start(host.Clock.GetUtcNow()));

        Assert.IsType<Verdict.Passed>(Wait());
        Assert.Single(host.Calls.Of("restore"));
    }

    [Fact]
    public void An_engine_that_is_away_for_long_does_not_fail_what_is_healthy()
    {
        Run(ImageBehaviour.Fine);
        host.Engine.IsAway = true;
        host.Clock.In(TimeSpan.FromHours(2), () => host.Engine.IsAway = false);

        Assert.IsType<Verdict.Passed>(Wait());
    }

    [Fact]
    public void A_probe_that_failed_before_cannot_fail_the_release_alone_and_is_reported()
    {
        Run(ImageBehaviour.AnswersBadly);

        var passed = Assert.IsType<Verdict.Passed>(Wait(baseline: Fresh with { FailingProbes = [Some.Probe.Title] }));

        Assert.Equal("failed before the deployment already, and still does: http http://shop.test/health: HTTP 500: oops", passed.Note);
        Assert.Equal(TimeSpan.FromSeconds(100), host.Clock.Elapsed); // it may get better until then
    }

    [Fact]
    public void A_probe_that_failed_before_and_passes_now_needs_no_note()
    {
        Run(ImageBehaviour.Fine);

        Assert.Equal(new Verdict.Passed(""), Wait(baseline: Fresh with { FailingProbes = [Some.Probe.Title] }));
    }

    [Fact]
    public void A_probe_that_failed_before_does_not_excuse_a_container()
    {
        Run(ImageBehaviour.HealthyOnceStarted(TimeSpan.MaxValue));

        Assert.IsType<Verdict.Failed>(Wait(baseline: Fresh with { FailingProbes = [Some.Probe.Title] }));
    }

    [Fact]
    public void A_probe_that_failed_before_does_not_excuse_another_probe()
    {
        Run(ImageBehaviour.Fine);
        host.Probes.Failing[Some.Probe.Title] = "HTTP 500";
        host.Probes.Failing["tcp 127.0.0.1:5432"] = "connection refused";
        var stack = Some.Stack with { Health = new HealthPolicy { Probes = [Some.Probe, new Probe.Tcp("127.0.0.1", 5432)] } };

        Assert.IsType<Verdict.Failed>(Wait(stack, Fresh with { FailingProbes = [Some.Probe.Title] }));
    }

    [Fact]
    public void An_unchanged_container_that_was_unhealthy_before_gets_time_to_recover()
    {
        Run(ImageBehaviour.Unhealthy);
        host.Clock.Pass(TimeSpan.FromMinutes(1));
        var baseline = ReadBaseline();
        host.Clock.In(TimeSpan.FromSeconds(20), () => Container.Behaviour = ImageBehaviour.Fine); // its database is back

        Assert.IsType<Verdict.Passed>(Wait(baseline: baseline));
    }

    [Fact]
    public void An_unchanged_container_that_stays_unhealthy_fails_at_the_timeout()
    {
        Run(ImageBehaviour.Unhealthy);
        host.Clock.Pass(TimeSpan.FromMinutes(1));

        Assert.Contains("is unhealthy", FailureOf(Wait(baseline: ReadBaseline())).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(160), host.Clock.Elapsed);
    }

    [Fact]
    public void The_evidence_holds_the_probes_answers_and_the_last_lines_of_what_runs()
    {
        Run(ImageBehaviour.AnswersBadly);

        var failure = FailureOf(Wait());

        Assert.Equal(FailureKind.DeploymentFailed, failure.Kind);
        Assert.Equal([new Evidence("probe http http://shop.test/health", "HTTP 500: oops"), new Evidence("last lines of shop-web-1", "NullReferenceException")], failure.Evidence);
    }

    [Fact]
    public void Log_lines_that_cannot_be_read_do_not_change_the_verdict()
    {
        Run(ImageBehaviour.AnswersBadly);
        host.Engine.LogTrouble = FakeEngine.Gone;

        Assert.Contains(FailureOf(Wait()).Evidence, evidence => evidence.Text.StartsWith("(could not be read: the Docker Engine", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_definitely_broken_is_not_probed()
    {
        Run(ImageBehaviour.RunsOutOfMemory, restart: "no");
        host.Clock.Pass(TimeSpan.FromSeconds(2));

        Assert.Contains("ran out of memory and was killed", FailureOf(Wait()).Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Probes.Attempts);
    }

    [Fact]
    public void The_baseline_knows_restarts_and_failing_probes()
    {
        Run(ImageBehaviour.Crashes with { AnswersAfter = TimeSpan.MaxValue });
        host.Clock.Pass(TimeSpan.FromSeconds(10));

        var baseline = ReadBaseline();

        Assert.Equal(5, Assert.Single(baseline.Restarts).Value);
        Assert.Equal([Some.Probe.Title], baseline.FailingProbes);
    }

    [Fact]
    public void While_nothing_runs_a_failing_probe_says_nothing()
    {
        Run(ImageBehaviour.Fine);
        Container.Stop();

        Assert.Empty(ReadBaseline().FailingProbes);
    }

    [Fact]
    public void What_stays_healthy_soaks_exactly_as_long_as_it_is_told()
    {
        Run(ImageBehaviour.Fine);

        Assert.IsType<Verdict.Passed>(Soak());
        Assert.Equal(TimeSpan.FromSeconds(15), host.Clock.Elapsed);
    }

    [Fact]
    public void A_restart_during_the_soak_fails_it()
    {
        Run(ImageBehaviour.Fine with { EndsAfter = TimeSpan.FromSeconds(5), ExitCode = 1 });

        Assert.StartsWith("release #1 was healthy at first, but did not stay so: container shop-web-1 was restarted once", FailureOf(Soak()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restarts_before_the_soak_do_not_fail_it()
    {
        Run(ImageBehaviour.Fine with { EndsAfter = TimeSpan.FromSeconds(5), ExitCode = 1 });
        host.Clock.Pass(TimeSpan.FromSeconds(12));
        Container.Behaviour = ImageBehaviour.Fine;

        Assert.IsType<Verdict.Passed>(Soak());
    }

    [Fact]
    public void A_container_that_becomes_unhealthy_during_the_soak_fails_it()
    {
        Run(ImageBehaviour.UnhealthyLater(TimeSpan.FromSeconds(7)));
        host.Clock.Pass(TimeSpan.FromSeconds(1));

        Assert.Contains("is unhealthy", FailureOf(Soak()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_failed_look_is_tolerated()
    {
        Run(ImageBehaviour.Fine);
        FailBetween(9, 11);

        Assert.IsType<Verdict.Passed>(Soak());
        Assert.Equal(TimeSpan.FromSeconds(15), host.Clock.Elapsed);
    }

    [Fact]
    public void A_failed_last_look_is_looked_at_again_after_the_interval()
    {
        Run(ImageBehaviour.Fine);
        FailBetween(14, 17);

        Assert.IsType<Verdict.Passed>(Soak());
        Assert.Equal(TimeSpan.FromSeconds(25), host.Clock.Elapsed);
    }

    [Fact]
    public void Two_failed_looks_in_a_row_fail_the_soak()
    {
        Run(ImageBehaviour.Fine);
        FailBetween(9, 16);

        Assert.Contains("HTTP 502", FailureOf(Soak()).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(15), host.Clock.Elapsed);
    }

    [Fact]
    public void A_probe_that_failed_before_does_not_fail_the_soak()
    {
        Run(ImageBehaviour.AnswersBadly);

        Assert.IsType<Verdict.Passed>(Soak(Fresh with { FailingProbes = [Some.Probe.Title] }));
    }

    [Theory]
    [InlineData(0)] // as the soak begins
    [InlineData(8)]
    public void An_engine_that_is_away_stops_the_clock_of_the_soak(int from)
    {
        Run(ImageBehaviour.Fine);
        host.Engine.IsAway = from == 0;
        host.Clock.In(TimeSpan.FromSeconds(from), () => host.Engine.IsAway = true);
        host.Clock.In(TimeSpan.FromSeconds(60), () => host.Engine.IsAway = false);

        Assert.IsType<Verdict.Passed>(Soak());
        Assert.InRange(host.Clock.Elapsed, TimeSpan.FromSeconds(65), TimeSpan.FromSeconds(75));
    }

    [Fact]
    public void Stopping_the_agent_ends_the_wait_without_a_verdict()
    {
        Run(ImageBehaviour.AnswersBadly);
        using var stopping = new CancellationTokenSource();
        host.Clock.In(TimeSpan.FromSeconds(30), stopping.Cancel);

        Assert.ThrowsAny<OperationCanceledException>(() => host.Clock.Run(() => host.Gate.WaitAsync(Some.Stack, Release, Fresh, Restore, stopping.Token)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_is_put_right_neither_ends_nor_stretches_the_gate(int hours)
    {
        Run(ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(60)));
        host.Clock.In(TimeSpan.FromSeconds(25), () => host.Clock.Put(TimeSpan.FromHours(hours)));

        Assert.IsType<Verdict.Passed>(Wait());
        Assert.Equal(TimeSpan.FromSeconds(60), host.Clock.Elapsed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_is_put_right_lets_a_bad_release_fail_in_time(int hours)
    {
        Run(ImageBehaviour.AnswersBadly);
        host.Clock.In(TimeSpan.FromSeconds(25), () => host.Clock.Put(TimeSpan.FromHours(hours)));

        Assert.IsType<Verdict.Failed>(Wait());
        Assert.Equal(TimeSpan.FromSeconds(100), host.Clock.Elapsed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_is_put_right_while_the_engine_is_away_changes_nothing(int hours)
    {
        Run(ImageBehaviour.AnswersBadly);
        host.Clock.In(TimeSpan.FromSeconds(15), () => host.Engine.IsAway = true);
        host.Clock.In(TimeSpan.FromSeconds(25), () => host.Clock.Put(TimeSpan.FromHours(hours)));
        host.Clock.In(TimeSpan.FromSeconds(45), () => host.Engine.IsAway = false);

        Assert.IsType<Verdict.Failed>(Wait());
        Assert.InRange(host.Clock.Elapsed, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(135));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_is_put_right_leaves_the_soak_as_long_as_it_is(int hours)
    {
        Run(ImageBehaviour.Fine);
        host.Clock.In(TimeSpan.FromSeconds(5), () => host.Clock.Put(TimeSpan.FromHours(hours)));

        Assert.IsType<Verdict.Passed>(Soak());
        Assert.Equal(TimeSpan.FromSeconds(15), host.Clock.Elapsed);
    }

    private FakeContainer Container => host.Engine.Containers[0];

    private static Stack With(int timeout) => Some.Stack with { Health = Some.Stack.Health with { Timeout = TimeSpan.FromSeconds(timeout) } };

    private static Failure FailureOf(Verdict verdict) => Assert.IsType<Verdict.Failed>(verdict).Failure;

    private void Run(ImageBehaviour behaviour, string restart = "always")
    {
        var service = Release.Services[0];
        var container = new FakeContainer
        {
            Id = "1",
            Name = "shop-web-1",
            Project = "shop",
            Service = "web",
            ImageId = service.ImageId,
            Image = service.Reference,
            ConfigHash = service.ConfigHash,
            RestartPolicy = restart,
            Behaviour = behaviour,
        };
        container.Start(host.Clock.GetUtcNow());
        host.Engine.Containers.Add(container);
    }

    private void FailBetween(int from, int to)
    {
        host.Clock.In(TimeSpan.FromSeconds(from), () => host.Probes.Failing[Some.Probe.Title] = "HTTP 502");
        host.Clock.In(TimeSpan.FromSeconds(to), () => host.Probes.Failing.Clear());
    }

    private Baseline ReadBaseline() => host.Clock.Run(() => host.Gate.ReadBaselineAsync(Some.Stack, CancellationToken.None));

    private Task Restore(CancellationToken cancellationToken)
    {
        host.Calls.Do("restore");
        return Task.CompletedTask;
    }

    private Verdict Wait(Stack? stack = null, Baseline? baseline = null) => host.Clock.Run(() => host.Gate.WaitAsync(stack ?? Some.Stack, Release, baseline ?? Fresh, Restore, CancellationToken.None));

    private Verdict Soak(Baseline? baseline = null) => host.Clock.Run(() => host.Gate.SoakAsync(Some.Stack, Release, baseline ?? Fresh, Restore, CancellationToken.None));
}
