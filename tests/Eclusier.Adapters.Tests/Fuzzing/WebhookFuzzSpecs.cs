using System.Text;
using Eclusier.Adapters.Tests.Webhooks;
using Eclusier.Adapters.Webhooks;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>Bodies and headers of webhooks: anybody may send them.</summary>
public sealed class WebhookFuzzSpecs
{
    [Theory]
    [InlineData("github")]
    [InlineData("github-registry")]
    [InlineData("gitlab-token")]
    [InlineData("bitbucket")]
    [InlineData("bitbucket-server")]
    [InlineData("docker-hub")]
    [InlineData("harbor")]
    [InlineData("harbor-cloud")]
    [InlineData("distribution")]
    public void Bodies(string sender)
    {
        var sent = Senders.Of(sender);
        Fuzz.Check(CsCheck.Gen.OneOf(Fuzz.Json(sent.Body), Fuzz.Text(sent.Body)), text =>
        {
            var claim = ClaimReaderSpecs.Read(sent with { Body = text });
            Assert.InRange(claim.Images.Count + claim.Refs.Count, 0, 200);
            ClaimReaderSpecs.Read(sent.With("Content-Type", "application/x-www-form-urlencoded") with { Body = $"payload={text}" });
        });
    }

    [Theory]
    [InlineData("github", "X-Hub-Signature-256")]
    [InlineData("forgejo", "X-Forgejo-Signature")]
    [InlineData("gitlab-token", "X-Gitlab-Token")]
    [InlineData("gitlab-signed", "webhook-signature")]
    [InlineData("gitlab-signed", "webhook-timestamp")]
    [InlineData("gitlab-signed", "webhook-id")]
    [InlineData("harbor", "Authorization")]
    [InlineData("distribution", "Authorization")]
    public void Proofs(string sender, string header)
    {
        var sent = Senders.Of(sender);
        var genuine = sent.Header(header)!;
        Fuzz.Check(Fuzz.Text(genuine), text =>
        {
            var proof = SenderCheck.Check(sent.With(header, text).Header, null, Encoding.UTF8.GetBytes(sent.Body), Senders.SecretOf(sender), Senders.Now);
            Assert.True(proof.Kind is not ProofKind.Genuine || IsTheSame(text, genuine), $"'{text}' passes for '{genuine}'");
        });
    }

    /// <summary>Spelled otherwise, perhaps, or with other signatures beside.</summary>
    private static bool IsTheSame(string text, string genuine) =>
        text.Trim().Equals(genuine, StringComparison.OrdinalIgnoreCase) || text.Split(' ').Contains(genuine) || text.Contains(genuine["sha256=".Length..], StringComparison.OrdinalIgnoreCase)
        || (text.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Encoding.UTF8.GetString(Convert.FromBase64String(text["Basic ".Length..].Trim())).EndsWith($":{Senders.Secret}", StringComparison.Ordinal));
}
