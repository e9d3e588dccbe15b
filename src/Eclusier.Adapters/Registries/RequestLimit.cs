using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Registries;

/// <summary>How long a registry, or its token service, may take for one answer.</summary>
internal sealed class RequestLimit(TimeSpan limit, TimeProvider timeProvider)
{
    /// <param name="server">Who is asked, for the message.</param>
    /// <exception cref="FailureException">Transient: no answer in time, or none at all.</exception>
    public async Task<HttpResponseMessage> KeepAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, string server, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await send(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureException.Transient($"{server} did not answer within {limit.TotalSeconds:0.#} s", exception);
        }
        catch (HttpRequestException exception)
        {
            throw RegistryFailures.OfException(exception, server);
        }
    }
}
