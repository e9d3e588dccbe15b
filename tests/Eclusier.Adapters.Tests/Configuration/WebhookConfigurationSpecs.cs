using Eclusier.Core.Stacks;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

/// <summary>Who may say that something was pushed, and where metrics are sent, as configured.</summary>
public sealed class WebhookConfigurationSpecs
{
    private const string Shop = "shop: { repository: /srv/shop.git }";

    [Fact]
    public void Left_out_nobody_is_listened_to_and_nothing_is_sent()
    {
        var settings = ParseValid($"stacks: {{ {Shop} }}");

        Assert.Null(settings.Stacks[0].Webhook);
        Assert.Empty(settings.Webhooks);
        Assert.Null(settings.Telemetry);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var settings = ParseValid("""
            stacks:
              shop: { repository: /srv/shop.git, webhook: { secret: 0123456789abcdef } }
              blog: { repository: /srv/blog.git, webhook: { secret_file: blog.webhook } }
            webhooks:
              registry: { secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZg==" }
              org: { secret_file: /keys/org, stacks: [shop] }
            telemetry: { otlp: "https://otlp.example.org/in", interval: 30s, headers: { api-key: abc } }
            """);

        Assert.Equal("0123456789abcdef", Assert.IsType<SecretSource.Value>(settings.Stacks[0].Webhook).Secret.Reveal());
        Assert.Equal(new SecretSource.File("/etc/eclusier/blog.webhook"), settings.Stacks[1].Webhook);
        Assert.Equal(["registry", "org"], settings.Webhooks.Select(webhook => webhook.Name));
        Assert.Empty(settings.Webhooks[0].Stacks);
        Assert.Equal(["shop"], settings.Webhooks[1].Stacks);
        Assert.Equal(("https://otlp.example.org/in", TimeSpan.FromSeconds(30), "abc"), ($"{settings.Telemetry!.Url}", settings.Telemetry.Interval, settings.Telemetry.Headers["api-key"]));
    }

    [Theory]
    [InlineData("webhooks: { org: { secret: »short } }", "webhooks.org.secret: expected a secret of at least 16 characters")]
    [InlineData("webhooks: { »org: {} }", "webhooks.org: one of 'secret' or 'secret_file' is missing")]
    [InlineData("webhooks: { org: { secret: 0123456789abcdef, stacks: [»shpo] } }", "webhooks.org.stacks[0]: no stack has this name; did you mean 'shop'?")]
    [InlineData("webhooks: { »Org: { secret: 0123456789abcdef } }", "webhooks.Org: expected a webhook's name: lower-case letters, digits, '-' and '_', beginning with a letter or digit")]
    [InlineData("webhooks: { »shop: { secret: 0123456789abcdef } }", "webhooks.shop: the stack of this name has a webhook of its own, and both would be at one address")]
    [InlineData("»telemetry: {}", "telemetry: 'otlp' is missing")]
    [InlineData("telemetry: { otlp: »collector:4318 }", "telemetry.otlp: expected an http:// or https:// URL")]
    [InlineData("telemetry: { otlp: \"http://127.0.0.1:4318\", interval: »1s }", "telemetry.interval: expected a duration of 5s to 1h, found '1s'")]
    public void A_mistake_is_told_with_its_place(string marked, string message)
    {
        var (text, line, column) = WithoutMark($"{marked}\nstacks: {{ shop: {{ repository: /srv/shop.git, webhook: {{ secret: 0123456789abcdef }} }} }}");

        Assert.Equal($"/etc/eclusier/eclusier.yaml:{line}:{column}: {message}", $"{Assert.Single(Parse(text).Problems)}");
    }
}
