using System.Text.Json.Nodes;
using Eclusier.Core.Planning;

namespace Eclusier.Core.Tests.Planning;

public sealed class ModelDifferenceSpecs
{
    [Fact]
    public void Equal_definitions_differ_in_nothing() => Assert.Empty(Between("""{"image":"a","environment":{"A":"1","B":"2"}}""", """{"environment":{"B":"2","A":"1"},"image":"a"}"""));

    [Fact]
    public void Without_a_definition_before_there_is_nothing_to_say() => Assert.Empty(ModelDifference.Between(null, JsonNode.Parse("{}")!.AsObject(), (null, null)));

    [Fact]
    public void Variables_are_told_by_name_and_never_by_value()
    {
        var reasons = Between("""{"environment":{"PASSWORD":"hunter2","OLD":"x","SAME":"s"}}""", """{"environment":{"PASSWORD":"correcthorse","NEW":"y","SAME":"s"}}""");

        Assert.Equal(["environment NEW, OLD, PASSWORD"], reasons);
        Assert.All(["hunter2", "correcthorse"], secret => Assert.DoesNotContain(secret, string.Concat(reasons), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("command", """["serve","--password","hunter2"]""")]
    [InlineData("entrypoint", """["sh","-c","hunter2"]""")]
    [InlineData("labels", """{"token":"hunter2"}""")]
    [InlineData("build", """{"args":{"TOKEN":"hunter2"}}""")]
    [InlineData("healthcheck", """{"test":["CMD","curl","-u","ada:hunter2"]}""")]
    public void Nothing_that_could_hold_a_secret_is_shown(string key, string value)
    {
        var reason = Assert.Single(Between("{}", $$"""{"{{key}}":{{value}}}"""));

        Assert.StartsWith(key, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_shown_with_the_beginning_of_their_digests()
    {
        var before = "sha256:" + new string('a', 64);
        var after = "sha256:" + new string('b', 64);

        Assert.Equal(["image r.test/x@sha256:aaaaaaaaaaaa → r.test/x@sha256:bbbbbbbbbbbb"], Between($$"""{"image":"r.test/x@{{before}}"}""", $$"""{"image":"r.test/x@{{after}}"}"""));
        Assert.Equal(["image none → web:1"], Between("{}", """{"image":"web:1"}"""));
    }

    [Fact]
    public void A_changed_content_label_is_put_in_words() =>
        Assert.Equal(["a mounted file, config or definition changed"], Between("""{"labels":{"eclusier.content":"1","x":"y"}}""", """{"labels":{"eclusier.content":"2","x":"y"}}"""));

    [Fact]
    public void What_changed_behind_the_content_label_is_told_by_name() => Assert.Equal(
        ["mounted conf/nginx.conf changed", "config app changed", "labels x"],
        Between(
            """{"labels":{"eclusier.content":"1","x":"y"}}""", """{"labels":{"eclusier.content":"2","x":"z"}}""",
            """{"config app":"1","conf/nginx.conf":"1","same":"1","gone":"1"}""", """{"config app":"2","conf/nginx.conf":"2","same":"1","new":"1"}"""));

    [Fact]
    public void A_mount_that_comes_is_told_as_a_mount() => Assert.Equal(
        ["mounts"],
        Between("""{"labels":{}}""", """{"labels":{"eclusier.content":"2"},"volumes":[{"type":"bind"}]}""", "{}", """{"conf/nginx.conf":"2"}"""));

    [Fact]
    public void Other_labels_are_told_by_name() => Assert.Equal(["labels traefik.rule"], Between("""{"labels":{"traefik.rule":"a"}}""", """{"labels":{"traefik.rule":"b"}}"""));

    [Fact]
    public void Other_keys_are_told_by_name() => Assert.Equal(["mounts", "ports"], Between("""{"ports":[]}""", """{"volumes":[{"type":"bind"}]}""").Order(StringComparer.Ordinal));

    private static IReadOnlyList<string> Between(string before, string after) => Between(before, after, null, null);

    private static IReadOnlyList<string> Between(string before, string after, string? contentsBefore, string? contentsAfter) => ModelDifference.Between(
        JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject(), (contentsBefore is null ? null : JsonNode.Parse(contentsBefore)!.AsObject(), contentsAfter is null ? null : JsonNode.Parse(contentsAfter)!.AsObject()));
}
