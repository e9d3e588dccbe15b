using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Eclusier.Api.Access;
using Eclusier.Core.Stacks;
using Eclusier.Workers;
using Microsoft.AspNetCore.Http.Features;

namespace Eclusier.Webhooks;

/// <summary>Where forges and registries say that something was pushed: <c>POST /hooks/NAME</c>. Needs a <see cref="WebhookDesk"/> among the services.</summary>
/// <remarks>Open to everybody who reaches the program: a secret that the sender knows stands in the place of a token.</remarks>
public static class WebhookApi
{
    /// <summary>More is not read: what forges send of a push is a few KiB, and of thousands of commits less than that.</summary>
    public const int LargestBody = 1024 * 1024;

    private const int FirstBuffer = 16 * 1024;

    private static readonly TimeSpan LongestBody = TimeSpan.FromSeconds(10);

    internal static IServiceCollection AddWebhooks(this IServiceCollection services) => services.AddSingleton(provider =>
    {
        var agent = provider.GetRequiredService<Composition>();
        return new WebhookDesk(() => agent.Settings.Now, agent.Workers, agent.Journal, agent.Instruments, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhookDesk>>());
    });

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hooks/{name}", TakeAsync).HasOwnCheck();
        routes.MapMethods("/hooks/{name?}", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"], static () => Results.StatusCode(StatusCodes.Status405MethodNotAllowed)).HasOwnCheck();
    }

    private static async Task<IResult> TakeAsync(string name, HttpContext context, WebhookDesk desk, TimeProvider timeProvider)
    {
        var address = AddressOf(context);
        if (desk.IsTooMany(address))
        {
            return Later(context);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBody;
        }

        using var deadline = new CancellationTokenSource(LongestBody, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            using var turn = await desk.TakeTurnAsync(either.Token);
            var length = 0;
            while (await context.Request.Body.ReadAsync(buffer.AsMemory(length), either.Token) is var read and > 0)
            {
                length += read;
                if (length > LargestBody)
                {
                    return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
                }

                if (length == buffer.Length)
                {
                    Grow(ref buffer, length);
                }
            }

            var query = context.Request.Query["secret"];
            return Answer(desk.Take(name, address, header => Header(context, header), query.Count == 1 ? query[0] : null, buffer.AsMemory(0, length)), context);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status408RequestTimeout);
        }
        catch (BadHttpRequestException exception)
        {
            return Results.StatusCode(exception.StatusCode); // too large by its own account, or broken off
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Who is not known learns nothing; who is learns what became of it.</summary>
    private static IResult Answer(WebhookAnswer answer, HttpContext context) => answer switch
    {
        WebhookAnswer.Refused => Results.StatusCode(StatusCodes.Status401Unauthorized),
        WebhookAnswer.NotNow => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
        WebhookAnswer.TooMany => Later(context),
        WebhookAnswer.Taken => Say(StatusCodes.Status202Accepted, "checking"),
        WebhookAnswer.Repeated => Say(StatusCodes.Status200OK, "this delivery was taken before"),
        _ => Say(StatusCodes.Status200OK, "nothing here that is deployed"),
    };

    private static IResult Say(int status, string what) => Results.Text($$"""{"result":"{{what}}"}""" + "\n", "application/json", statusCode: status);

    private static IResult Later(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "10";
        return Results.StatusCode(StatusCodes.Status429TooManyRequests);
    }

    private static string? Header(HttpContext context, string name) => context.Request.Headers[name] is { Count: 1 } values ? values[0] : null;

    /// <summary>One who has a network of IPv6 counts as one.</summary>
    private static string AddressOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            return "this host";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        return bytes.Length == 16 ? $"{new System.Net.IPAddress([.. bytes[..8], .. new byte[8]])}/64" : address.ToString();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "an array of the pool")]
    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 4, LargestBody + 1));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
