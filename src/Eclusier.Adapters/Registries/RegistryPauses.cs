using System.Collections.Concurrent;
using System.Globalization;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>Leaves a registry alone for as long as it asked for: whichever stack asks, with the same access.</summary>
internal sealed class RegistryPauses(TimeProvider timeProvider)
{
    /// <summary>What a registry asks for beyond this is a mistake: Docker Hub's windows are this long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<(string Registry, RegistryAccess? Access), DateTimeOffset> until = new();

    /// <exception cref="FailureException">Transient: the pause is not over.</exception>
    public void Require(string registry, RegistryAccess? access)
    {
        if (until.TryGetValue((registry, access), out var end) && end - timeProvider.GetUtcNow() is { Ticks: > 0 } left && left <= Longest)
        {
            throw new FailureException(new Failure(FailureKind.Transient, $"the registry {registry} asked to be left alone until {end:u}") { RetryAfter = left });
        }
    }

    public void Heed(string registry, RegistryAccess? access, HttpResponseMessage response)
    {
        var now = timeProvider.GetUtcNow();
        var pause = response.IsSuccessStatusCode ? ResetOf(response) : RetryAfter.Of(response, now) ?? ResetOf(response);
        if (pause is { Ticks: > 0 } time)
        {
            until[(registry, access)] = now + (time < Longest ? time : Longest);
        }
    }

    /// <summary>Until the window begins anew in which nothing is left; a registry that does not say when is asked again.</summary>
    private static TimeSpan? ResetOf(HttpResponseMessage response) =>
        NumberOf(response, "RateLimit-Remaining") == 0 && NumberOf(response, "RateLimit-Reset") is { } seconds and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Docker Hub writes <c>0;w=21600</c>.</summary>
    private static int? NumberOf(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && int.TryParse(values.First().Split(';')[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
