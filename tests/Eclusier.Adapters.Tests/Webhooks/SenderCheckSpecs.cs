using System.Text;
using Eclusier.Adapters.Webhooks;

namespace Eclusier.Adapters.Tests.Webhooks;

public sealed class SenderCheckSpecs
{
    public static TheoryData<string> Everybody =>
        ["github", "github-registry", "gitlab-token", "gitlab-signed", "forgejo", "gitea", "bitbucket", "bitbucket-server", "docker-hub", "harbor", "harbor-cloud", "distribution"];

    public static TheoryData<string> ThoseWhoSign => ["github", "github-registry", "gitlab-signed", "forgejo", "gitea", "bitbucket", "bitbucket-server"];

    [Theory]
    [MemberData(nameof(Everybody))]
    public void What_a_sender_sends_is_genuine(string sender) => Assert.Equal(ProofKind.Genuine, Check(Senders.Of(sender), Senders.SecretOf(sender)));

    [Theory]
    [MemberData(nameof(Everybody))]
    public void Whoever_knows_another_secret_is_refused(string sender)
    {
        Assert.Equal(ProofKind.Wrong, Check(Senders.Of(sender), "another secret of the same length"));
        Assert.Equal(ProofKind.Wrong, Check(Senders.Of(sender), Senders.SecretOf(sender) + "x"));
        Assert.Equal(ProofKind.Wrong, Check(Senders.Of(sender), Senders.SecretOf(sender)[..^1]));
    }

    [Theory]
    [MemberData(nameof(ThoseWhoSign))]
    public void A_body_that_was_changed_is_refused(string sender)
    {
        var sent = Senders.Of(sender);
        Assert.Equal(ProofKind.Wrong, Check(sent with { Body = sent.Body.Replace("main", "evil", StringComparison.Ordinal).Replace("latest", "worst!", StringComparison.Ordinal) }, Senders.SecretOf(sender)));
        Assert.Equal(ProofKind.Wrong, Check(sent with { Body = sent.Body + " " }, Senders.SecretOf(sender)));
        Assert.Equal(ProofKind.Wrong, Check(sent with { Body = "" }, Senders.SecretOf(sender)));
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public void Without_its_proof_a_request_is_refused(string sender)
    {
        var bare = Senders.Of(sender) with { UrlSecret = null };
        foreach (var header in new[] { "X-Hub-Signature-256", "X-Hub-Signature", "X-Gitea-Signature", "X-Forgejo-Signature", "webhook-signature", "X-Gitlab-Token", "Authorization" })
        {
            bare = bare.With(header, null);
        }

        Assert.Equal(ProofKind.Missing, Check(bare, Senders.SecretOf(sender)));
    }

    [Theory]
    [InlineData("X-Hub-Signature-256")]
    [InlineData("X-Hub-Signature")]
    [InlineData("X-Gitea-Signature")]
    [InlineData("X-Forgejo-Signature")]
    [InlineData("X-Gitlab-Token")]
    [InlineData("Authorization")]
    public void An_empty_proof_is_none(string header) => Assert.Equal(ProofKind.Missing, Check(new Sent(new Dictionary<string, string> { [header] = "" }, "{}"), Senders.Secret));

    [Theory]
    [InlineData("X-Hub-Signature-256", "sha256=0")]
    [InlineData("X-Gitea-Signature", "not hexadecimal at all")]
    [InlineData("webhook-signature", "v1,")]
    public void A_wrong_signature_is_not_made_good_by_a_right_secret(string header, string signature)
    {
        Assert.Equal(ProofKind.Wrong, Check(Senders.DockerHub.With(header, signature), Senders.Secret));
        Assert.Equal(ProofKind.Wrong, Check(Senders.Harbor.With(header, signature), Senders.Secret));
        Assert.Equal(ProofKind.Wrong, Check(Senders.GitlabToken.With(header, signature), Senders.Secret));
    }

    [Fact]
    public void A_signature_by_SHA_1_counts_for_nothing()
    {
        const string Right = "sha1=0f421f66b715d452189095d6ef1409ae517adfe0";
        Assert.Equal(ProofKind.Missing, Check(new Sent(new Dictionary<string, string> { ["X-Hub-Signature"] = Right }, "{}"), Senders.Secret));
    }

    [Theory]
    [InlineData(-299, ProofKind.Genuine)]
    [InlineData(299, ProofKind.Genuine)]
    [InlineData(-301, ProofKind.OutOfTime)]
    [InlineData(301, ProofKind.OutOfTime)]
    [InlineData(-86_400, ProofKind.OutOfTime)]
    public void A_signed_time_must_be_near(int seconds, ProofKind expected) => Assert.Equal(expected, Check(Senders.GitlabSigned(Senders.Now.AddSeconds(seconds)), Senders.SigningToken));

    [Theory]
    [InlineData("webhook-timestamp", "1764417600")]
    [InlineData("webhook-timestamp", "soon")]
    [InlineData("webhook-timestamp", "-1")]
    [InlineData("webhook-timestamp", "99999999999999999999999")]
    [InlineData("webhook-timestamp", null)]
    [InlineData("webhook-id", "another")]
    [InlineData("webhook-id", null)]
    [InlineData("webhook-signature", "v1,AAAA")]
    [InlineData("webhook-signature", "v2,AAAA v1a,BBBB")]
    public void Time_and_id_are_signed_too(string header, string? value) => Assert.Equal(ProofKind.Wrong, Check(Senders.GitlabSigned(Senders.Now).With(header, value), Senders.SigningToken));

    [Fact]
    public void While_a_secret_is_exchanged_one_of_several_signatures_is_enough()
    {
        var sent = Senders.GitlabSigned(Senders.Now);
        Assert.Equal(ProofKind.Genuine, Check(sent.With("webhook-signature", $"v1,AAAA {sent.Header("webhook-signature")}"), Senders.SigningToken));
    }

    [Fact]
    public void The_signature_of_the_documentation_is_recognised()
    {
        // the example of GitHub's manual, and test case 2 of RFC 4231
        Assert.Equal(ProofKind.Genuine, Check(
            new Sent(new Dictionary<string, string> { ["X-Hub-Signature-256"] = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" }, "Hello, World!"), "It's a Secret to Everybody"));
        Assert.Equal(ProofKind.Genuine, Check(
            new Sent(new Dictionary<string, string> { ["X-Gitea-Signature"] = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" }, "what do ya want for nothing?"), "Jefe"));
    }

    [Fact]
    public void A_delivery_is_known_again_by_its_signature_and_its_id()
    {
        var marks = SenderCheck.Check(Senders.Github.Header, null, Encoding.UTF8.GetBytes(Senders.Github.Body), Senders.Secret, Senders.Now).Marks;
        Assert.Equal([Senders.Github.Header("X-Hub-Signature-256")!["sha256=".Length..], "id 72d3162e-cc78-11e3-81ab-4c9367dc0958"], marks);
        Assert.Empty(SenderCheck.Check(Senders.Harbor.Header, null, default, Senders.Secret, Senders.Now).Marks);
    }

    private static ProofKind Check(Sent sent, string secret) => SenderCheck.Check(sent.Header, sent.UrlSecret, Encoding.UTF8.GetBytes(sent.Body), secret, Senders.Now).Kind;
}
