using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>Sends signed webhooks as GitHub does after a push.</summary>
internal sealed class Webhook : IDisposable
{
    /// <summary>A stack is looked at at once, then not again within 5 s.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5.5);

    private readonly HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Take()}") };
    private int sent;
    private long lastSent;

    /// <summary>The agent's <c>api.listen</c>.</summary>
    public string Listen => client.BaseAddress!.Authority;

    public string Secret { get; } = "0123456789abcdef";

    /// <summary>Waits until the stack that was told last is looked at at once again.</summary>
    public async Task RestAsync(CancellationToken cancellationToken)
    {
        if (sent > 0 && Rest - Stopwatch.GetElapsedTime(lastSent) is { Ticks: > 0 } left)
        {
            await Task.Delay(left, cancellationToken);
        }
    }

    public async Task SendAsync(string stack, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"ref":"refs/heads/main","repository":{"full_name":"ada/shop"},"number":{{++sent}}}"""); // the same one twice would be a replay
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{stack}") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body))}");
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        lastSent = Stopwatch.GetTimestamp();
    }

    public void Dispose() => client.Dispose();
}
