using System.Text.Json;
using System.Threading.Channels;
using Eclusier.Api.Access;
using Eclusier.Core.Deployments;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Eclusier.Api;

/// <summary>Answers line by line while work is being done. A client that goes away only stops listening.</summary>
internal sealed class AnswerStream(ApiErrors errors, AccessGuard guard, IHostApplicationLifetime lifetime, TimeProvider timeProvider)
{
    private const int ProgressKept = 1000; // for a client that reads slowly; older lines are dropped, the work is never held up
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    /// <summary>Sends progress as it comes, and then the line that <paramref name="work"/> ends with.</summary>
    public async Task SendAsync(HttpContext context, Func<Action<ProgressLine>, CancellationToken, Task<StreamLine>> work, bool endsWithClient = false)
    {
        var lines = Channel.CreateBounded<StreamLine>(new BoundedChannelOptions(ProgressKept) { FullMode = BoundedChannelFullMode.DropOldest });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            lifetime.ApplicationStopping, endsWithClient ? context.RequestAborted : CancellationToken.None);

        var working = Task.Run(async () => // on its own: work that takes long to its first await must not hold up the lines
        {
            try
            {
                return await work(line => lines.Writer.TryWrite(new StreamLine { Progress = line }), ending.Token);
            }
            finally
            {
                lines.Writer.TryComplete();
            }
        });

        await SendAllAsync(context, lines.Reader);
        StreamLine last;
        try
        {
            last = await working;
        }
        catch (Exception exception) when (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) // else it still can be a status
        {
            last = ErrorLine(context, exception);
        }

        await SendAsync(context, last);
    }

    /// <summary>Sends log entries until there are no more, the client leaves or may no longer see them, or the daemon stops.</summary>
    public async Task SendAsync(HttpContext context, Func<CancellationToken, IAsyncEnumerable<LogEntry>> entries)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var watching = EndWhenRefusedAsync(context, ending);
        try
        {
            await foreach (var entry in entries(ending.Token))
            {
                await WriteAsync(context, new StreamLine { Log = entry });
            }
        }
        catch (Exception exception) when (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            await SendAsync(context, ErrorLine(context, exception));
        }
        finally
        {
            await ending.CancelAsync();
            await watching;
        }
    }

    /// <summary>A token may be revoked, or a session end, while log lines come without end.</summary>
    private async Task EndWhenRefusedAsync(HttpContext context, CancellationTokenSource ending)
    {
        try
        {
            do
            {
                await Task.Delay(LookEvery, timeProvider, ending.Token);
            }
            while (await MayStillAsync(context));

            context.Abort();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // it has come to its end
        }
    }

    private async Task<bool> MayStillAsync(HttpContext context)
    {
        try
        {
            return await guard.FindCallerAsync(context) is not null;
        }
        catch (FailureException)
        {
            return true; // the database does not answer just now: the next look tells
        }
    }

    private StreamLine ErrorLine(HttpContext context, Exception exception) => new() { Error = errors.Describe(context.Request, exception).Body };

    private static async Task SendAllAsync(HttpContext context, ChannelReader<StreamLine> lines)
    {
        try
        {
            await foreach (var line in lines.ReadAllAsync(context.RequestAborted))
            {
                await WriteAsync(context, line);
            }
        }
        catch (Exception exception) when (HasLeft(context, exception))
        {
            // nobody listens any more; the work goes on
        }
    }

    private static async Task SendAsync(HttpContext context, StreamLine line)
    {
        try
        {
            await WriteAsync(context, line);
        }
        catch (Exception exception) when (HasLeft(context, exception))
        {
            // the history keeps the outcome
        }
    }

    private static bool HasLeft(HttpContext context, Exception exception) =>
        context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException;

    private static async Task WriteAsync(HttpContext context, StreamLine line)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/x-ndjson";
            if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = null; // a terminal that is paused is no attacker
            }
        }

        var body = context.Response.Body;
        await JsonSerializer.SerializeAsync(body, line, AgentJson.Readable.StreamLine, context.RequestAborted);
        await body.WriteAsync(NewLine, context.RequestAborted);
        await body.FlushAsync(context.RequestAborted);
    }
}
