using System.Text.Json.Nodes;
using Eclusier.Core.Planning;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Planning;

public sealed class ReleaseComparisonSpecs
{
    [Fact]
    public void Equal_releases_differ_in_nothing() =>
        Assert.True(Between(Of("""{"services":{"web":{"image":"w:1","environment":{"A":"1"}}}}"""), Of("""{"services":{"web":{"environment":{"A":"1"},"image":"w:1"}}}""")).IsEmpty);

    [Fact]
    public void Services_that_came_or_went_are_told_with_their_images()
    {
        var difference = Between(Of("""{"services":{"web":{"image":"w:1"},"old":{"image":"o:1"}}}"""), Of("""{"services":{"web":{"image":"w:1"},"new":{"image":"n:1"}}}"""));

        Assert.Equal(["new Added", "old Removed"], difference.Services.Select(service => $"{service.Service} {service.Fate}"));
        Assert.Equal("n:1", difference.Services[0].ImageAfter!.Written);
        Assert.Null(difference.Services[0].ImageBefore);
        Assert.Equal("o:1", difference.Services[1].ImageBefore!.Written);
    }

    [Fact]
    public void An_image_that_moved_under_its_tag_is_told_by_its_digests()
    {
        var service = Assert.Single(Between(Of("""{"services":{"web":{"image":"w@sha256:aa"}}}""", "w:1"), Of("""{"services":{"web":{"image":"w@sha256:bb"}}}""", "w:1")).Services);

        Assert.Equal(new ImageOfRelease("w:1", "w@sha256:aa"), service.ImageBefore);
        Assert.Equal(new ImageOfRelease("w:1", "w@sha256:bb"), service.ImageAfter);
        Assert.Empty(service.Keys);
    }

    [Fact]
    public void Variables_and_labels_are_told_by_name_and_never_by_value()
    {
        var service = Assert.Single(Between(
            Of("""{"services":{"web":{"image":"w:1","environment":{"PASSWORD":"hunter2","OLD":"x","SAME":"s"},"labels":{"token":"hunter2"},"command":["hunter2"]}}}"""),
            Of("""{"services":{"web":{"image":"w:1","environment":{"PASSWORD":"correcthorse","NEW":"y","SAME":"s"},"labels":{"token":"correcthorse"},"command":["correcthorse"]}}}""")).Services);

        Assert.Equal(["NEW"], service.Environment.Added);
        Assert.Equal(["OLD"], service.Environment.Removed);
        Assert.Equal(["PASSWORD"], service.Environment.Changed);
        Assert.Equal(["command", "label token"], service.Keys);
    }

    [Fact]
    public void Files_are_told_where_their_content_changed()
    {
        static string Model(string label, string contents) => $$$$"""{"services":{"web":{"image":"w:1","labels":{"eclusier.content":"{{{{label}}}}"}}},"x-eclusier-contents":{"web":{{{{contents}}}}}}""";
        var service = Assert.Single(Between(Of(Model("1", """{"conf/nginx.conf":"1","same":"1","gone":"1"}""")), Of(Model("2", """{"conf/nginx.conf":"2","same":"1","new":"1"}"""))).Services);

        Assert.Equal(["conf/nginx.conf"], service.Contents.Changed);
        Assert.Equal(["new"], service.Contents.Added);
        Assert.Equal(["gone"], service.Contents.Removed);
        Assert.Empty(service.Keys); // the label says the same in other words
    }

    [Fact]
    public void What_services_share_is_told_by_name() => Assert.Equal(
        ["network backend", "volume data"],
        Between(
            Of("""{"services":{"web":{"image":"w:1"}},"networks":{"backend":{"driver":"bridge"}}}"""),
            Of("""{"services":{"web":{"image":"w:1"}},"networks":{"backend":{"driver":"overlay"}},"volumes":{"data":{}}}""")).Shared);

    private static ReleaseDifference Between((Release, JsonObject) before, (Release, JsonObject) after) => ReleaseComparison.Between(before, after);

    private static (Release, JsonObject) Of(string model, string? written = null)
    {
        var parsed = JsonNode.Parse(model)!.AsObject();
        return (new Release
        {
            Id = new string('a', 64),
            Number = 1,
            Stack = StackName.Parse("shop"),
            Project = "shop",
            Repository = "https://git.example.org/shop.git",
            ProjectDirectory = "/srv/shop",
            ModelHash = "",
            PreparedAt = DateTimeOffset.UnixEpoch,
            Services = [.. parsed["services"]!.AsObject().Select(service => new ReleaseService
            {
                Name = service.Key,
                Image = written ?? (string)service.Value!["image"]!,
                Reference = (string)service.Value!["image"]!,
                ImageId = "",
                KeepTag = "",
            })],
        }, parsed);
    }
}
