using Eclusier.Core.Health;
using Eclusier.Core.Releases;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Health;

public sealed class ContainerExamSpecs
{
    private static readonly ReleaseService Web = Some.Service("web");

    private static readonly LiveContainer Fine = Some.Container(Web);

    [Fact]
    public void A_running_container_of_the_release_is_fine() => Assert.Empty(Examine(Fine));

    [Fact]
    public void A_healthy_one_is_fine() => Assert.Empty(Examine(Fine with { Health = "healthy" }));

    [Fact]
    public void A_starting_one_may_become_healthy() => AssertFinding("container shop-web-1 is starting", isDefinite: false, Fine with { Health = "starting" });

    [Fact]
    public void An_unhealthy_one_is_broken() => AssertFinding("container shop-web-1 is unhealthy", isDefinite: true, Fine with { Health = "unhealthy" });

    [Fact]
    public void An_unhealthy_one_from_before_may_recover() =>
        Assert.False(Assert.Single(Examine(Fine with { Health = "unhealthy" }, before: new() { [Fine.Id] = 0 })).IsDefinite);

    [Fact]
    public void Once_it_was_passing_an_unhealthy_one_is_broken() =>
        Assert.True(Assert.Single(Examine(Fine with { Health = "unhealthy" }, before: new() { [Fine.Id] = 0 }, isSoaking: true)).IsDefinite);

    [Fact]
    public void A_missing_container_may_come() => AssertFinding("service web has 0 of 1 containers", isDefinite: false);

    [Fact]
    public void Too_few_replicas_are_told()
    {
        var finding = Assert.Single(ContainerExam.Examine(Some.Release(Web with { Replicas = 3 }), new LiveStack([Fine, Fine with { Id = "2" }]), new Dictionary<string, long>(), isSoaking: false));

        Assert.Equal("service web has 2 of 3 containers", finding.ToString());
    }

    [Fact]
    public void A_service_without_replicas_needs_no_container() =>
        Assert.Empty(ContainerExam.Examine(Some.Release(Web with { Replicas = 0 }), new LiveStack([]), new Dictionary<string, long>(), isSoaking: false));

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(50, true)]
    public void Five_restarts_are_a_loop(long restarts, bool isLoop) => Assert.Equal(isLoop, Examine(Fine with { RestartCount = restarts }).Any(finding => finding.IsDefinite));

    [Fact]
    public void Restarts_from_before_do_not_count()
    {
        Assert.Empty(Examine(Fine with { RestartCount = 104 }, before: new() { [Fine.Id] = 100 }));
        Assert.True(Assert.Single(Examine(Fine with { RestartCount = 105 }, before: new() { [Fine.Id] = 100 })).IsDefinite);
    }

    [Fact]
    public void While_soaking_one_restart_is_one_too_many() => Assert.True(Assert.Single(Examine(Fine with { RestartCount = 1 }, isSoaking: true)).IsDefinite);

    [Theory]
    [InlineData("no", true)]
    [InlineData("", true)]
    [InlineData("on-failure", true)]
    [InlineData("always", false)]
    [InlineData("unless-stopped", false)]
    public void An_exit_is_definite_where_nobody_restarts_it(string policy, bool isDefinite) =>
        AssertFinding("container shop-web-1 exited with code 3", isDefinite, Fine with { State = "exited", ExitCode = 3, RestartPolicy = policy });

    [Fact]
    public void While_soaking_every_exit_is_definite() => Assert.True(Assert.Single(Examine(Fine with { State = "exited", ExitCode = 3 }, isSoaking: true)).IsDefinite);

    [Theory]
    [InlineData("no")]
    [InlineData("on-failure")]
    public void A_job_that_did_its_work_is_fine(string policy) => Assert.Empty(Examine(Fine with { State = "exited", ExitCode = 0, RestartPolicy = policy }, isSoaking: true));

    [Fact]
    public void What_should_run_always_and_ended_well_is_not_fine() => AssertFinding("container shop-web-1 exited with code 0", isDefinite: false, Fine with { State = "exited", ExitCode = 0 });

    [Fact]
    public void One_that_was_killed_may_have_run_out_of_memory_though_the_engine_does_not_say_so() =>
        AssertFinding("container shop-web-1 exited with code 137 (killed, perhaps for lack of memory)", isDefinite: true, Fine with { State = "exited", ExitCode = 137, RestartPolicy = "no" });

    [Fact]
    public void Out_of_memory_is_called_by_its_name() =>
        AssertFinding("container shop-web-1 ran out of memory and was killed", isDefinite: true, Fine with { State = "exited", ExitCode = 137, WasKilledForMemory = true, RestartPolicy = "no" });

    [Fact]
    public void What_could_not_be_started_says_why() =>
        AssertFinding("container shop-web-1 was created, but not started: exec: no such file", isDefinite: true, Fine with { State = "created", Error = "exec: no such file" });

    [Fact]
    public void What_is_not_started_yet_may_start() => AssertFinding("container shop-web-1 was created, but not started", isDefinite: false, Fine with { State = "created" });

    [Theory]
    [InlineData("restarting")]
    [InlineData("paused")]
    [InlineData("dead")]
    public void Any_other_state_is_not_fine(string state) => AssertFinding($"container shop-web-1 is {state}, last exit code 0", isDefinite: false, Fine with { State = state });

    [Fact]
    public void Another_image_is_not_the_release() =>
        AssertFinding($"container shop-web-1 runs image {Some.Digest("id of web v0")[..19]} instead of {Web.ImageId[..19]}", isDefinite: false, Fine with { ImageId = Some.Digest("id of web v0") });

    [Fact]
    public void Another_definition_is_not_the_release() =>
        AssertFinding("container shop-web-1 was made from another definition than the release's", isDefinite: false, Fine with { ConfigHash = "bad" });

    [Fact]
    public void A_hash_that_Compose_derives_from_a_running_container_is_not_compared() =>
        Assert.Empty(ContainerExam.Examine(Some.Release(Web with { ConfigHash = "" }), new LiveStack([Fine]), new Dictionary<string, long>(), isSoaking: false));

    [Fact]
    public void One_off_containers_and_other_services_are_nobodys_business() =>
        Assert.Empty(Examine(Fine, null, false, Fine with { Id = "2", IsOneOff = true, State = "exited", ExitCode = 1 }, Some.Container(Some.Service("old"), "exited")));

    private static IReadOnlyList<Finding> Examine(LiveContainer? container, Dictionary<string, long>? before = null, bool isSoaking = false, params LiveContainer[] others) =>
        ContainerExam.Examine(Some.Release(Web), new LiveStack(container is null ? [] : [container, .. others]), before ?? [], isSoaking);

    private static void AssertFinding(string text, bool isDefinite, LiveContainer? container = null)
    {
        var finding = Assert.Single(Examine(container));
        Assert.Equal((text, isDefinite), (finding.ToString(), finding.IsDefinite));
    }
}
