using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Adapters.Tests.Notifications;

/// <summary>A real service to tell: keeps what it gets, and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private LabServer server = null!;

    public ConcurrentQueue<Received> All { get; } = [];

    /// <summary>Called before it is taken; what answers here was not taken.</summary>
    public Func<HttpContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Uri Address => server.Address;

    public static async Task<Receiver> StartAsync(X509Certificate2? certificate = null)
    {
        var receiver = new Receiver();
        receiver.server = await LabServer.StartAsync(receiver.AnswerAsync, certificate);
        return receiver;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        await Before(context);
        if (context.Response.StatusCode == StatusCodes.Status200OK && !context.Response.HasStarted)
        {
            All.Enqueue(new Received(context.Request.Method, context.Request.Path.Value!, body, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        }
    }
}

internal sealed record Received(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);
