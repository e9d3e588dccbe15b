namespace Eclusier.Adapters.Http;

/// <summary>Asks web servers what time it is there: their answers' header <c>Date</c>.</summary>
public sealed class ServerClock : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient client;

    public ServerClock(TimeProvider timeProvider)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeLimit };
        handler.SslOptions.RemoteCertificateValidationCallback = CertificateCheck.AcceptsAny; // with a clock that is wrong no certificate is right, and nothing is said or believed here
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        TimeProvider = timeProvider;
    }

    private TimeProvider TimeProvider { get; }

    /// <returns><c>null</c>: it did not say, or not in time.</returns>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public async Task<DateTimeOffset?> ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TimeLimit, TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, address);
            using var answer = await client.SendAsync(request, either.Token);
            return answer.Headers.Date;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => client.Dispose();
}
