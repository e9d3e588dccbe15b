using System.Text.Json.Nodes;
using Eclusier.Core.Drift;
using Eclusier.Core.Health;
using Eclusier.Core.Releases;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Drift;

public sealed class DriftExamSpecs
{
    private static readonly ReleaseService Web = Some.Service("web");

    private static readonly Release Release = Some.Release(Web);

    private static readonly JsonObject Model = Some.Model(("web", Web.Reference));

    private static readonly LiveContainer Running = Some.Container(Web) with { Labels = new Dictionary<string, string> { ["com.docker.compose.container-number"] = "1" } };

    [Fact]
    public void A_host_that_is_as_the_release_made_it_has_not_drifted() => Assert.Empty(Examine(Running));

    [Fact]
    public void A_container_that_is_gone_is_missing() => Expect(DeviationKind.Missing, "service web has 0 of 1 containers", Examine());

    [Theory]
    [InlineData("no")]
    [InlineData("always")]
    [InlineData("unless-stopped")]
    [InlineData("on-failure")]
    public void A_container_that_failed_is_stopped_whatever_its_restart_policy(string policy) =>
        Expect(DeviationKind.Stopped, "container shop-web-1 is stopped (exit code 137)", Examine(Running with { State = "exited", ExitCode = 137, RestartPolicy = policy }));

    [Fact]
    public void One_that_ended_with_0_is_a_job_that_did_its_work_unless_somebody_stopped_it()
    {
        var ended = Running with { State = "exited", RestartPolicy = "no" };

        Assert.Empty(Examine(ended));
        Expect(DeviationKind.Stopped, "container shop-web-1 is stopped (exit code 0)", DriftExam.Examine(Release, Model, Host(ended) with { StoppedByHand = new HashSet<string> { ended.Id } }));
        Expect(DeviationKind.Stopped, "container shop-web-1 is stopped (exit code 0)", Examine(ended with { RestartPolicy = "always" })); // it is no job: it was to run for ever
    }

    [Fact]
    public void What_the_engine_restarts_is_its_own_business() => Assert.Empty(Examine(Running with { State = "restarting" }));

    [Fact]
    public void A_paused_container_has_drifted() => Expect(DeviationKind.Paused, "container shop-web-1 is paused", Examine(Running with { State = "paused" }));

    [Fact]
    public void A_renamed_container_is_told_with_the_name_it_should_have() => Expect(DeviationKind.Renamed, "container old should be called shop-web-1", Examine(Running with { Name = "old" }));

    [Fact]
    public void Composes_compatible_names_are_no_renaming() => Assert.Empty(Examine(Running with { Name = "shop_web_1" }));

    [Fact]
    public void A_name_that_the_file_asks_for_is_the_name()
    {
        var named = Some.Model(("web", Web.Reference)).With("web", "container_name", "shopfront");

        Assert.Empty(DriftExam.Examine(Release, named, Host(Running with { Name = "shopfront" })));
        Expect(DeviationKind.Renamed, "container shop-web-1 should be called shopfront", DriftExam.Examine(Release, named, Host(Running)));
    }

    [Fact]
    public void A_container_made_from_something_else_was_replaced()
    {
        Expect(DeviationKind.Replaced, "container shop-web-1 was made from another definition than the release's", Examine(Running with { ConfigHash = "another" }));
        Expect(DeviationKind.Replaced, $"container shop-web-1 runs image sha256:aaaaaaaaaaaa instead of {Web.ImageId[..19]}", Examine(Running with { ImageId = $"sha256:{new string('a', 64)}" }));
    }

    [Fact]
    public void More_containers_than_the_release_has_are_extra()
    {
        Expect(DeviationKind.Extra, "service web has 2 of 1 containers", Examine(Running, Running with { Id = "other", Name = "shop-web-2", Labels = new Dictionary<string, string> { ["com.docker.compose.container-number"] = "2" } }));
        Expect(DeviationKind.Extra, "container shop-cache-1 belongs to a service that the release does not have: cache", Examine(Running, Running with { Id = "other", Name = "shop-cache-1", Service = "cache" }));
    }

    [Fact]
    public void What_Compose_itself_does_not_see_is_none_of_the_project() =>
        Assert.Empty(Examine(Running, Running with { Id = "run", Name = "shop-web-run", IsOneOff = true }, Running with { Id = "labelled", Name = "mine", Service = "", ConfigHash = "" }));

    [Fact]
    public void A_network_and_a_volume_that_are_gone_are_named()
    {
        var model = Some.Model(("web", Web.Reference));
        model["volumes"] = JsonNode.Parse("""{"data":{"name":"shop_data"}}""");

        Assert.Equal(
            ["network shop_default is gone", "volume shop_data is gone"],
            DriftExam.Examine(Release, model, Host(Running) with { Networks = new HashSet<string>() }).Select(deviation => deviation.ToString()));
    }

    [Fact]
    public void Edited_files_are_named_up_to_five() => Expect(
        DeviationKind.FileEdited, "work tree differs from the commit: a, b, c, d, e and 1 more", DriftExam.Examine(Release, Model, Host(Running) with { EditedFiles = ["a", "b", "c", "d", "e", "f"] }));

    private static IReadOnlyList<Deviation> Examine(params LiveContainer[] containers) => DriftExam.Examine(Release, Model, Host(containers));

    private static HostLook Host(params LiveContainer[] containers) => new(new LiveStack(containers), new HashSet<string> { "shop_default", "bridge" }, new HashSet<string>(), new HashSet<string>(), []);

    private static void Expect(DeviationKind kind, string text, IReadOnlyList<Deviation> found)
    {
        var deviation = Assert.Single(found);
        Assert.Equal((kind, text), (deviation.Kind, deviation.ToString()));
    }
}
