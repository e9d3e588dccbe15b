using System.Text;
using Eclusier.Adapters.Webhooks;
using Eclusier.Core.Webhooks;

namespace Eclusier.Adapters.Tests.Webhooks;

public sealed class ClaimReaderSpecs
{
    [Theory]
    [InlineData("github", "refs/heads/main", "ada/shop")]
    [InlineData("gitlab-token", "refs/heads/main", "ada/shop")]
    [InlineData("gitlab-signed", "refs/heads/main", "ada/shop")]
    [InlineData("forgejo", "refs/heads/main", "ada/shop")]
    [InlineData("gitea", "refs/heads/main", "ada/shop")]
    [InlineData("bitbucket", "refs/heads/main", "ada/shop")]
    [InlineData("bitbucket-server", "refs/heads/main", "SHOP/shop")]
    public void A_push_names_its_repository_and_branch(string sender, string name, string repository)
    {
        var claim = Read(Senders.Of(sender));
        Assert.Equal(ClaimKind.Push, claim.Kind);
        Assert.Equal([name], claim.Refs);
        Assert.Equal(repository, claim.Repositories[0]);
    }

    [Theory]
    [InlineData("github-registry", "ghcr.io/ada/shop:latest")]
    [InlineData("docker-hub", "ada/shop")]
    [InlineData("harbor", "hub.example.org/ada/shop:latest")]
    [InlineData("harbor-cloud", "hub.example.org/ada/shop:latest")]
    [InlineData("distribution", "ada/shop")]
    public void A_pushed_image_is_named(string sender, string image)
    {
        var claim = Read(Senders.Of(sender));
        Assert.Equal(ClaimKind.Image, claim.Kind);
        Assert.Equal([image], claim.Images);
    }

    [Fact]
    public void A_tag_of_Bitbucket_is_one() =>
        Assert.Equal(["refs/tags/v1"], Read(Senders.Bitbucket with { Body = Senders.BitbucketPush.Replace("\"type\":\"branch\",\"name\":\"main\"", "\"type\":\"tag\",\"name\":\"v1\"", StringComparison.Ordinal) }).Refs);

    [Fact]
    public void A_form_as_GitHub_sends_it_by_choice_is_read_too()
    {
        var sent = Senders.Github.With("Content-Type", "application/x-www-form-urlencoded") with { Body = $"payload={Uri.EscapeDataString(Senders.GithubPush)}" };
        Assert.Equal((ClaimKind.Push, "refs/heads/main"), (Read(sent).Kind, Read(sent).Refs[0]));
    }

    [Theory]
    [InlineData("X-GitHub-Event", "ping", """{"zen":"Keep it logically awesome."}""")]
    [InlineData("X-GitHub-Event", "issues", "{}")]
    [InlineData("X-GitHub-Event", "package", """{"package":{"package_type":"npm","name":"shop"}}""")]
    [InlineData("X-Gitea-Event", "pull_request", "{}")]
    [InlineData("X-Gitlab-Event", "Issue Hook", """{"object_kind":"issue"}""")]
    [InlineData("X-Event-Key", "diagnostics:ping", """{"test":true}""")]
    [InlineData("X-None", "", """{"type":"PULL_ARTIFACT","event_data":{}}""")]
    [InlineData("X-None", "", """{"events":[{"action":"pull","target":{"repository":"ada/shop"}},{"action":"push","target":{"mediaType":"application/octet-stream","repository":"ada/shop"}}]}""")]
    public void What_cannot_concern_a_stack_is_other(string header, string word, string body) =>
        Assert.Equal(ClaimKind.Other, Read(new Sent(new Dictionary<string, string> { [header] = word }, body)).Kind);

    [Theory]
    [InlineData("")]
    [InlineData("now!")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"stack":"shop"}""")]
    public void What_is_in_no_known_form_is_unknown(string body) => Assert.Equal(ClaimKind.Unknown, Read(new Sent(new Dictionary<string, string>(), body)).Kind);

    internal static Claim Read(Sent sent) => ClaimReader.Read(sent.Header, Encoding.UTF8.GetBytes(sent.Body));
}
