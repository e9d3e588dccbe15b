using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Http;
using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Adapters.Tests.Notifications;

public sealed class NotifierSpecs : IAsyncLifetime
{
    private readonly MessageSender sender = new(TimeProvider.System);
    private Receiver receiver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => receiver = await Receiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        sender.Dispose();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Discord_gets_an_embed_within_its_limits_that_mentions_nobody()
    {
        var (got, body) = await TellAsync(NotifierType.Discord);

        Assert.Equal("/hook/secret-part", got.Path);
        Assert.Empty(body["allowed_mentions"]!["parse"]!.AsArray());
        var embed = body["embeds"]![0]!;
        Assert.Equal(@"shop\: release \#2 failed and was rolled back to \#1", embed["title"]!.ToString());
        Assert.InRange(embed["description"]!.ToString().Length, 1000, 4096);
        AssertTells(embed["description"]!.ToString().Replace("\\", ""));
        AssertHarmless(embed["description"]!.ToString(), "@everyone", "\\`x\\`", "\\[a\\]");
    }

    [Fact]
    public async Task Slack_gets_text_whose_brackets_are_text()
    {
        var (_, body) = await TellAsync(NotifierType.Slack);

        var text = body["attachments"]![0]!["text"]!.ToString();
        Assert.InRange(text.Length, 1000, 3000);
        AssertTells(text);
        Assert.Contains("&lt;!channel&gt;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<!", text, StringComparison.Ordinal);
        Assert.Equal("shop: release #2 failed and was rolled back to #1", body["text"]!.ToString());
    }

    [Fact]
    public async Task Teams_gets_an_adaptive_card_of_plain_runs()
    {
        var (got, body) = await TellAsync(NotifierType.Teams);

        Assert.InRange(Encoding.UTF8.GetByteCount(got.Body), 1000, 28_000);
        var card = body["attachments"]![0]!["content"]!;
        Assert.Equal(("message", "AdaptiveCard"), (body["type"]!.ToString(), card["type"]!.ToString()));
        Assert.All(card["body"]!.AsArray(), block => Assert.Equal("RichTextBlock", block!["type"]!.ToString()));
        AssertTells(string.Join('\n', card["body"]!.AsArray().Select(block => string.Concat(block!["inlines"]!.AsArray().Select(run => run!["text"])))));
        Assert.StartsWith("https://github.com/ada/shop/commit/", card["actions"]![0]!["url"]!.ToString());
    }

    [Fact]
    public async Task Mattermost_gets_text_that_mentions_nobody()
    {
        var (_, body) = await TellAsync(NotifierType.Mattermost);

        var text = body["text"]!.ToString();
        Assert.InRange(text.Length, 1000, 4000);
        AssertTells(text.Replace("\\", ""));
        AssertHarmless(text, "@everyone", "@channel", "@here");
    }

    [Fact]
    public async Task Telegram_gets_html_by_the_bots_token()
    {
        var (got, body) = await TellAsync(NotifierType.Telegram, settings => settings with { Place = "-100" });

        Assert.Equal("/bott0ken/sendMessage", got.Path.Replace("/hook/secret-part", "", StringComparison.Ordinal));
        Assert.Equal(("-100", "HTML"), (body["chat_id"]!.ToString(), body["parse_mode"]!.ToString()));
        var text = body["text"]!.ToString();
        Assert.InRange(text.Length, 1000, 4096);
        AssertTells(text);
        AssertHarmless(text, "<b>*bold", "<!channel>", "@everyone");
    }

    [Fact]
    public async Task Ntfy_gets_a_message_of_a_size_that_stays_a_message()
    {
        var (got, body) = await TellAsync(NotifierType.Ntfy, settings => settings with { Place = "shop-topic" });

        Assert.Equal("Bearer t0ken", got.Headers["Authorization"]);
        Assert.Equal(("shop-topic", "4"), (body["topic"]!.ToString(), body["priority"]!.ToString()));
        Assert.InRange(Encoding.UTF8.GetByteCount(body["message"]!.ToString()), 1000, 4096);
        AssertTells(body["message"]!.ToString());
    }

    [Fact]
    public async Task Gotify_gets_a_message_by_its_key()
    {
        var (got, body) = await TellAsync(NotifierType.Gotify);

        Assert.Equal(("/hook/secret-part/message", "t0ken"), (got.Path, got.Headers["X-Gotify-Key"]));
        AssertTells(body["message"]!.ToString());
    }

    [Fact]
    public async Task Matrix_gets_an_event_with_an_id_of_its_own_that_mentions_nobody()
    {
        var (got, body) = await TellAsync(NotifierType.Matrix, settings => settings with { Place = "!room:example.org" });

        Assert.Equal(("PUT", "Bearer t0ken"), (got.Method, got.Headers["Authorization"]));
        Assert.EndsWith("/_matrix/client/v3/rooms/!room:example.org/send/m.room.message/0199-event", got.Path, StringComparison.Ordinal);
        Assert.Empty(body["m.mentions"]!.AsObject());
        AssertTells(body["body"]!.ToString());
        AssertHarmless(body["formatted_body"]!.ToString(), "<!channel>", "<tag>", "@everyone");
    }

    [Fact]
    public async Task A_webhook_gets_the_whole_event_signed()
    {
        var (got, body) = await TellAsync(NotifierType.Webhook, settings => settings with { Secret = Value("k3y") });

        Assert.Equal(("rolled-back", "0199-event"), (got.Headers["Eclusier-Event"], got.Headers["Eclusier-Delivery"]));
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes("k3y"), Encoding.UTF8.GetBytes($"{got.Headers["Eclusier-Timestamp"]}.{got.Body}"));
        Assert.Equal($"sha256={Convert.ToHexStringLower(expected)}", got.Headers["Eclusier-Signature"]);
        Assert.InRange(DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(long.Parse(got.Headers["Eclusier-Timestamp"])), TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
        Assert.Equal(("rolled-back", "quarantined", "shop", "srv1"), (body["kind"]!.ToString(), body["also"]![0]!.ToString(), body["stack"]!.ToString(), body["host"]!.ToString()));
        Assert.Equal((SomeEvent.Subject, "2"), (body["to"]!["subject"]!.ToString(), body["to"]!["release"]!.ToString()));
        Assert.Equal(("soak", "60"), (body["deployment"]!["step"]!.ToString(), body["deployment"]!["seconds"]!.ToString()));
        Assert.EndsWith("the end", body["evidence"]![0]!["text"]!.ToString());
    }

    [Theory]
    [InlineData(500, "", FailureKind.Transient, null)]
    [InlineData(404, "", FailureKind.Transient, null)]
    [InlineData(400, "", FailureKind.Rejected, null)]
    [InlineData(429, """{"retry_after": 1.5}""", FailureKind.Transient, 1.5)]
    [InlineData(429, """{"retry_after_ms": 2500}""", FailureKind.Transient, 2.5)]
    [InlineData(302, "", FailureKind.Transient, null)]
    public async Task What_an_answer_means(int status, string answer, FailureKind kind, double? seconds)
    {
        receiver.Before = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(answer);
        };
        var exception = await Assert.ThrowsAsync<FailureException>(() => TellAsync(NotifierType.Slack));

        Assert.Equal((kind, seconds), (exception.Kind, exception.Failure.RetryAfter?.TotalSeconds));
        Assert.Contains($"answered {status}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_address_or_token_is_in_no_message_even_when_the_service_says_it()
    {
        receiver.Before = async context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsync($"no access with t0ken to {context.Request.Path}");
        };
        var exception = await Assert.ThrowsAsync<FailureException>(() => TellAsync(NotifierType.Telegram));

        Assert.Equal("127.0.0.1 answered 403 Forbidden: no access with *** to ***", exception.Message);
        Assert.Equal(TimeSpan.FromSeconds(7), exception.Failure.RetryAfter);
        Assert.DoesNotContain("t0ken", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_verified()
    {
        using var authority = LabServer.CreateCertificate("lab-ca", TimeSpan.FromDays(2));
        using var certificate = LabServer.CreateCertificate("127.0.0.1", TimeSpan.FromDays(1), authority, "127.0.0.1");
        await using var secure = await Receiver.StartAsync(certificate);
        var settings = new NotifierSettings("ops", NotifierType.Webhook, []) { Url = Value(secure.Address.ToString()) };

        var exception = await Assert.ThrowsAsync<FailureException>(() => new NotifierFactory(sender, TimeProvider.System).Create(settings).TellAsync(SomeEvent.RolledBack, Cancellation));
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
        Assert.Empty(secure.All);

        using var trusting = new MessageSender(TimeProvider.System, CertificateCheck.For(TimeProvider.System, () => [authority]));
        await new NotifierFactory(trusting, TimeProvider.System).Create(settings).TellAsync(SomeEvent.RolledBack, Cancellation);
        Assert.Single(secure.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_goes_over_a_verified_connection(bool tlsAtOnce)
    {
        using var authority = LabServer.CreateCertificate("lab-ca", TimeSpan.FromDays(2));
        using var certificate = LabServer.CreateCertificate("localhost", TimeSpan.FromDays(1), authority, "localhost");
        await using var server = new MailServer(certificate, tlsAtOnce);
        var settings = new MailSettings("localhost", server.Port, tlsAtOnce ? MailSecurity.Tls : MailSecurity.StartTls, "eclusier@example.org", ["ops@example.org"])
        {
            UserName = "eclusier",
            Password = Value("hunter2"),
        };

        var refused = await Assert.ThrowsAsync<FailureException>(() => new MailNotifier(settings, TimeProvider.System).TellAsync(SomeEvent.RolledBack, Cancellation));
        Assert.Equal(FailureKind.Transient, refused.Kind);
        Assert.Null(server.Login);

        var notifier = new MailNotifier(settings, TimeProvider.System, CertificateCheck.For(TimeProvider.System, () => [authority]));
        await notifier.TellAsync(SomeEvent.RolledBack, Cancellation);

        var mail = Assert.Single(server.Mails);
        Assert.Equal("eclusier:hunter2", server.Login);
        Assert.Contains("Subject: [eclusier] shop: release #2 failed and was rolled back to #1", mail, StringComparison.Ordinal);
        Assert.Contains("To: ops@example.org", mail, StringComparison.Ordinal);
        Assert.Contains("Message-Id: <0199-event@eclusier>", mail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Mail_is_not_sent_in_plain_text_when_encryption_was_asked_for()
    {
        using var certificate = LabServer.CreateCertificate("localhost", TimeSpan.FromDays(1));
        await using var server = new MailServer(certificate, tlsAtOnce: false) { OffersStartTls = false };
        var settings = new MailSettings("localhost", server.Port, MailSecurity.StartTls, "eclusier@example.org", ["ops@example.org"]);

        await Assert.ThrowsAsync<FailureException>(() => new MailNotifier(settings, TimeProvider.System).TellAsync(SomeEvent.RolledBack, Cancellation));
        Assert.Empty(server.Mails);
    }

    [Theory]
    [InlineData(ForgeType.Github, "/repos/ada/shop/statuses/", "Authorization", "Bearer t0ken", "failure")]
    [InlineData(ForgeType.Gitea, "/repos/ada/shop/statuses/", "Authorization", "token t0ken", "failure")]
    [InlineData(ForgeType.Gitlab, "/projects/ada%2Fshop/statuses/", "PRIVATE-TOKEN", "t0ken", "failed")]
    public async Task A_forge_gets_the_commits_state(ForgeType type, string path, string header, string value, string state)
    {
        var status = new CommitStatus(new CommitStatusSettings(type, Value("t0ken"), receiver.Address, "eclusier"), "git@git.example.org:ada/shop.git", sender);
        await status.TellAsync(SomeEvent.RolledBack with { Kind = EventKind.Started }, Cancellation);
        await status.TellAsync(SomeEvent.RolledBack, Cancellation);

        Assert.All(receiver.All, got => Assert.Equal(value, got.Headers[header]));
        Assert.All(receiver.All, got => Assert.Contains(path, got.Path.Replace("ada/shop/st", type is ForgeType.Gitlab ? "ada%2Fshop/st" : "ada/shop/st", StringComparison.Ordinal), StringComparison.Ordinal));
        var bodies = receiver.All.Select(got => JsonNode.Parse(got.Body)!).ToList();
        Assert.Equal(["pending", state], bodies.Select(body => body["state"]!.ToString()));
        Assert.Equal("rolled back: container shop-web-1 was restarted 5 times", bodies[1]["description"]!.ToString());
    }

    [Fact]
    public async Task A_heartbeat_says_well_or_not()
    {
        var ping = new HeartbeatPing(new HeartbeatSettings(Value($"{receiver.Address}ping/abc"), TimeSpan.FromMinutes(1)), sender);
        await ping.SendAsync(null, Cancellation);
        await ping.SendAsync("stuck", Cancellation);

        Assert.Equal(["GET /ping/abc", "GET /ping/abc/fail"], receiver.All.Select(got => $"{got.Method} {got.Path}"));
    }

    private async Task<(Received Received, JsonNode Body)> TellAsync(NotifierType type, Func<NotifierSettings, NotifierSettings>? change = null)
    {
        var settings = new NotifierSettings("ops", type, []) { Url = Value($"{receiver.Address}hook/secret-part"), Token = Value("t0ken") };
        await new NotifierFactory(sender, TimeProvider.System).Create(change?.Invoke(settings) ?? settings).TellAsync(SomeEvent.RolledBack, Cancellation);
        var received = Assert.Single(receiver.All);
        return (received, JsonNode.Parse(received.Body)!);
    }

    private static void AssertTells(string text)
    {
        foreach (var part in new[] { "was restarted 5 times", "soak", "#2 (1eabc9a", "by Mallory", "#1 (aaaaaaa", "60 s", "srv1", "the end" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    private static void AssertHarmless(string text, params string[] parts)
    {
        foreach (var part in parts.Where(part => !part.StartsWith('\\')))
        {
            Assert.DoesNotContain(part, text, StringComparison.Ordinal);
        }

        foreach (var part in parts.Where(part => part.StartsWith('\\')))
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    private static SecretSource Value(string text) => new SecretSource.Value(new Secret(text));
}
