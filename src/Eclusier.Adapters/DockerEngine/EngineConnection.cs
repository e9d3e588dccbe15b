using System.Net.Sockets;
using System.Text.Json;
using Eclusier.Core.Deployments;
using Eclusier.Core.Liveness;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Speaks to the engine: agrees on a version of the API, gives each call a deadline, classifies what goes wrong.</summary>
internal sealed class EngineConnection(DockerEngineOptions options, TimeProvider timeProvider) : IDisposable
{
    // of the API, what this code was written against; engines from 29 on refuse less than 1.44, and 20.10 more than 1.41
    private static readonly Version Newest = new(1, 50);

    /// <summary>When all stacks look at the same time, as after the engine was away, they look one after the other: each question takes memory here, and the engine's time.</summary>
    private const int CallsAtOnce = 16;

    private readonly SemaphoreSlim calls = new(CallsAtOnce);
    private readonly SemaphoreSlim negotiating = new(1);
    private readonly Lazy<HttpClient> http = new(() => Open(options));
    private volatile EngineApi? negotiated;

    public DockerEngineOptions Options => options;

    public TimeProvider Clock => timeProvider;

    /// <param name="what">For messages, after "to": <c>list containers</c>.</param>
    public async Task<T> CallAsync<T>(string what, TimeSpan limit, Func<EngineApi, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (!calls.Wait(0, CancellationToken.None))
        {
            using var turn = SignsOfLife.Expect("its turn at the engine", atMost: null);
            await calls.WaitAsync(cancellationToken);
        }

        try
        {
            using var expected = SignsOfLife.Expect($"the engine, to {what},", limit);
            using var deadline = new CancellationTokenSource(limit, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            return await CallAsync(what, call, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw EngineFailures.Silent(options.Endpoint, limit, what, exception);
        }
        finally
        {
            calls.Release();
        }
    }

    /// <summary>As the other, for calls that may take as long as the caller's token lets them.</summary>
    public async Task<T> CallAsync<T>(string what, Func<EngineApi, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var api = negotiated ?? await NegotiateAsync(cancellationToken);

            // a socket that hangs in the middle of a header would not heed the token
            return await call(api, cancellationToken).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            negotiated = null;
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw EngineFailures.Silent(options.Endpoint, options.PingTimeLimit, what, exception); // no connection within that time
        }
        catch (EngineAnswerException exception)
        {
            throw EngineFailures.OfAnswer(exception, what);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or UnauthorizedAccessException or SocketException)
        {
            negotiated = null; // another engine may be there when it comes back
            throw EngineFailures.Unreachable(options.Endpoint, exception);
        }
    }

    public void Dispose()
    {
        if (http.IsValueCreated)
        {
            http.Value.Dispose();
        }

        negotiating.Dispose();
        calls.Dispose();
    }

    private async Task<EngineApi> NegotiateAsync(CancellationToken cancellationToken)
    {
        await negotiating.WaitAsync(cancellationToken);
        try
        {
            if (negotiated is { } api)
            {
                return api;
            }

            using var deadline = new CancellationTokenSource(options.PingTimeLimit, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                var engine = await new EngineApi(http.Value, version: "").ReadVersionAsync(either.Token).WaitAsync(either.Token);
                return negotiated = new EngineApi(http.Value, $"v{Agree(engine.ApiVersion, engine.MinApiVersion)}/");
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw EngineFailures.Silent(options.Endpoint, options.PingTimeLimit, "tell its version", exception);
            }
        }
        finally
        {
            negotiating.Release();
        }
    }

    private static Version Agree(string? newestOfEngine, string? oldestOfEngine) =>
        Version.TryParse(newestOfEngine, out var newest) && newest < Newest ? newest
        : Version.TryParse(oldestOfEngine, out var oldest) && oldest > Newest ? oldest
        : Newest;

    private static HttpClient Open(DockerEngineOptions options)
    {
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("unix" or "tcp" or "http"))
        {
            throw FailureException.Rejected($"the Docker Engine's address '{options.Endpoint}' is not supported; give unix:///path or tcp://host:port in DOCKER_HOST");
        }

        var isSocket = endpoint.Scheme == "unix";
        var handler = new SocketsHttpHandler
        {
            UseProxy = false, // variables for proxies are meant for the network, not for the engine
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.PingTimeLimit,
        };
        if (isSocket)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(endpoint.LocalPath, cancellationToken);
        }

        return new HttpClient(handler)
        {
            BaseAddress = isSocket ? new Uri("http://docker/") : new Uri($"http://{endpoint.Authority}/"),
            Timeout = Timeout.InfiniteTimeSpan, // each call has its own
        };
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
