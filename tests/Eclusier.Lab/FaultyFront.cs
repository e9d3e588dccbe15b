using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>Stands before a git server or a registry, passes on what is asked, and misbehaves as a test says.</summary>
public sealed class FaultyFront : IAsyncDisposable
{
    private static readonly HashSet<string> OfThisConnection = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Host", "Keep-Alive", "Transfer-Encoding" };

    private readonly HttpClient client;
    private readonly ConcurrentQueue<FrontRequest> requests = new();
    private LabServer? server;
    private volatile Fault? fault;
    private CancellationTokenSource change = new();

    private FaultyFront(Uri behind) =>
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = behind, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>As image names begin: <c>127.0.0.1:40123</c>.</summary>
    public string Host => server!.Host;

    /// <summary>Without a slash at the end.</summary>
    public string Url => $"http://{Host}";

    /// <summary>How it misbehaves; <c>null</c>: not at all. A change resets the connections that a fault holds, as a server does that is started again.</summary>
    public Fault? Fault
    {
        get => fault;
        set
        {
            fault = value;
            Interlocked.Exchange(ref change, new CancellationTokenSource()).Cancel();
        }
    }

    /// <summary>What was asked, oldest first.</summary>
    public IReadOnlyList<FrontRequest> Requests => [.. requests];

    /// <param name="behind">The address of the server that answers.</param>
    public static async Task<FaultyFront> StartAsync(string behind)
    {
        var front = new FaultyFront(new Uri(behind));
        front.server = await LabServer.StartAsync(front.AnswerAsync);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        client.Dispose();
        change.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new FrontRequest(DateTimeOffset.UtcNow, context.Request.Method, context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray()));
        requests.Enqueue(request);
        if (fault is { } present && present.Where(request))
        {
            await using var reset = change.Token.UnsafeRegister(static held => ((HttpContext)held!).Abort(), context);
            await present.AnswerAsync(context, () => AskAsync(context, body));
            return;
        }

        using var answer = await AskAsync(context, body);
        await Fault.PassOnAsync(context, answer);
    }

    /// <summary>Asks the server behind the same.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpContext context, MemoryStream body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{context.Request.Path}{context.Request.QueryString}");
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !OfThisConnection.Contains(header.Key)))
        {
            _ = request.Headers.TryAddWithoutValidation(name, [.. values]) || (request.Content?.Headers.TryAddWithoutValidation(name, [.. values]) ?? false);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
    }

    internal static void CopyHead(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers).Where(header => !OfThisConnection.Contains(header.Key)))
        {
            to.Headers[name] = values.ToArray();
        }
    }
}

/// <summary>A request that came to a <see cref="FaultyFront"/>.</summary>
/// <param name="Body">A byte each character.</param>
public sealed record FrontRequest(DateTimeOffset At, string Method, string Path, string Body);

/// <summary>What a server does instead of answering well.</summary>
public abstract record Fault
{
    /// <summary>Which requests it meets; all, unless said.</summary>
    public Func<FrontRequest, bool> Where { get; init; } = static _ => true;

    internal abstract Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask);

    internal static async Task PassOnAsync(HttpContext context, HttpResponseMessage answer)
    {
        FaultyFront.CopyHead(answer, context.Response);
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>Takes the request, and never says anything.</summary>
    public sealed record Silence : Fault
    {
        internal override Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask) =>
            Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    /// <summary>Another status than it should be.</summary>
    /// <param name="RetryAfter">In seconds, as the header says it; <c>null</c>: no such header.</param>
    public sealed record Status(int Code, int? RetryAfter = null) : Fault
    {
        internal override Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            context.Response.StatusCode = Code;
            if (RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            return Task.CompletedTask;
        }
    }

    /// <summary>The right head, and noise for a body; another noise each time.</summary>
    public sealed record Garbage : Fault
    {
        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            FaultyFront.CopyHead(answer, context.Response);
            context.Response.ContentLength = null;
            var noise = new byte[4096];
            Random.Shared.NextBytes(noise);
            await context.Response.Body.WriteAsync(noise, context.RequestAborted);
        }
    }

    /// <summary>The right head, and a body that never ends.</summary>
    /// <param name="Block">What it repeats.</param>
    public sealed record Endless(string Block) : Fault
    {
        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            FaultyFront.CopyHead(answer, context.Response);
            context.Response.ContentLength = null;
            var blocks = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(Block, 1000)));
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(blocks, context.RequestAborted);
            }
        }
    }

    /// <summary>The connection is reset after so many bytes of the body; a shorter body passes.</summary>
    /// <param name="Times">So many bodies are cut off, then no more.</param>
    public sealed record CutOff(int After, int Times = int.MaxValue) : Fault
    {
        private int count;

        /// <summary>How many bodies were cut off so far.</summary>
        public int Count => count;

        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            if (answer.Content.Headers.ContentLength <= After || Interlocked.Increment(ref count) > Times)
            {
                await PassOnAsync(context, answer);
                return;
            }

            FaultyFront.CopyHead(answer, context.Response);
            var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(body.AsMemory(0, Math.Min(After, body.Length)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }

    /// <summary>The body trickles.</summary>
    public sealed record Slow(int BytesPerSecond) : Fault
    {
        private const int PartsPerSecond = 10;

        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            FaultyFront.CopyHead(answer, context.Response);
            var body = (await answer.Content.ReadAsByteArrayAsync(context.RequestAborted)).AsMemory();
            while (!body.IsEmpty)
            {
                var part = Math.Min(body.Length, BytesPerSecond / PartsPerSecond);
                await context.Response.Body.WriteAsync(body[..part], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                body = body[part..];
                await Task.Delay(TimeSpan.FromSeconds(1) / PartsPerSecond, context.RequestAborted);
            }
        }
    }

    /// <summary>One byte in the middle of the body is another.</summary>
    public sealed record Damage : Fault
    {
        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            FaultyFront.CopyHead(answer, context.Response);
            var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            body[body.Length / 2] ^= 1;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>A manifest's head names another digest than its content has.</summary>
    public sealed record OtherDigest(string Digest) : Fault
    {
        internal override async Task AnswerAsync(HttpContext context, Func<Task<HttpResponseMessage>> ask)
        {
            using var answer = await ask();
            FaultyFront.CopyHead(answer, context.Response);
            context.Response.Headers["Docker-Content-Digest"] = Digest;
            var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
