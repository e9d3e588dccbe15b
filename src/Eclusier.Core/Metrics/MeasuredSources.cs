using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Metrics;

/// <summary>Counts the questions to git servers, and how long their answers take.</summary>
public sealed class MeasuredSources(ISourceReader sources, Instruments instruments, TimeProvider timeProvider) : ISourceReader
{
    public Task<RemoteHeads> ReadHeadsAsync(Source source, IReadOnlyCollection<RevisionSelector> selectors, CancellationToken cancellationToken) =>
        Measure.Async(instruments.SourceRequests, instruments.SourceRequestDuration, timeProvider, () => sources.ReadHeadsAsync(source, selectors, cancellationToken));

    public Task<Revision> FetchAsync(Source source, Head head, CancellationToken cancellationToken) => sources.FetchAsync(source, head, cancellationToken);

    public Task<bool> IsDescendantAsync(Source source, CommitId ancestor, CommitId descendant, CancellationToken cancellationToken) => sources.IsDescendantAsync(source, ancestor, descendant, cancellationToken);
}

/// <summary>Counts the questions to registries, and how long their answers take.</summary>
public sealed class MeasuredRegistry(IRegistry registry, Instruments instruments, TimeProvider timeProvider) : IRegistry
{
    public Task<string> ResolveDigestAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken) => Ask(() => registry.ResolveDigestAsync(image, access, cancellationToken));

    public Task<IReadOnlyDictionary<string, string>> ReadLabelsAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        Ask(() => registry.ReadLabelsAsync(image, platform, access, cancellationToken));

    public Task<IReadOnlyList<ImageLayer>> ReadLayersAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        Ask(() => registry.ReadLayersAsync(image, platform, access, cancellationToken));

    private Task<T> Ask<T>(Func<Task<T>> work) => Measure.Async(instruments.RegistryRequests, instruments.RegistryRequestDuration, timeProvider, work);
}

/// <summary>Puts the counting around the seams.</summary>
public static class Measure
{
    public static ISourceReader Measured(this ISourceReader sources, Instruments instruments, TimeProvider timeProvider) => new MeasuredSources(sources, instruments, timeProvider);

    public static IRegistry Measured(this IRegistry registry, Instruments instruments, TimeProvider timeProvider) => new MeasuredRegistry(registry, instruments, timeProvider);

    internal static async Task<T> Async<T>(Tally tally, Timing timing, TimeProvider timeProvider, Func<Task<T>> work)
    {
        var began = timeProvider.GetTimestamp();
        var result = "cancelled";
        try
        {
            var answer = await work();
            result = "ok";
            return answer;
        }
        catch (FailureException exception)
        {
            result = exception.Kind.ToWord();
            throw;
        }
        finally
        {
            tally.Add(result);
            timing.Add(timeProvider.GetElapsedTime(began));
        }
    }
}
