using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Looks up where followed tags point to: one question per distinct image, over all stacks.</summary>
public sealed partial class ImageWatch(IRegistry registry, SharedAnswers<(ImageReference Image, RegistryAccess? Access), string> shared, ImageAges ages, IJournal journal, TimeProvider timeProvider, ILogger<ImageWatch> logger)
{
    /// <summary>The digests of the followed services' tags: as remembered, or asked anew when <see cref="ImagePolicy.Interval"/> is over.</summary>
    /// <param name="now">Asks in any case.</param>
    public async Task<string> ReadAsync(Stack stack, StackState state, bool now, CancellationToken cancellationToken)
    {
        var remembered = FollowedImage.Parse(state.FollowedDigests);
        if (!stack.Images.FollowsAny || remembered.Count == 0)
        {
            return "";
        }

        if (!now && state.FollowedAt is { } at && !timeProvider.IsOver(at, stack.Images.Interval))
        {
            return KeyOf(stack, remembered);
        }

        var answers = new Dictionary<string, string>();
        var oldest = timeProvider.GetUtcNow(); // an answer that another stack got is as old as its question
        var current = new List<FollowedImage>();
        foreach (var followed in remembered)
        {
            current.Add(stack.Images.Follows(followed.Service) ? followed with { Digest = await AskAsync(followed) } : followed);
        }

        foreach (var (before, after) in remembered.Zip(current).Where(pair => pair.First.Digest != pair.Second.Digest))
        {
            Log.Moved(logger, stack.Name, after.Image, before.Digest, after.Digest);
        }

        journal.RecordFollowedDigests(stack.Name, FollowedImage.Format(current), oldest);
        return KeyOf(stack, current);

        async Task<string> AskAsync(FollowedImage followed)
        {
            if (!answers.TryGetValue(followed.Image, out var digest))
            {
                (digest, var at) = await this.AskAsync(stack, followed, now ? TimeSpan.Zero : stack.Images.Interval, cancellationToken);
                answers[followed.Image] = digest;
                oldest = at < oldest ? at : oldest;
            }

            return digest;
        }
    }

    /// <summary>Remembers what a candidate locked, so that only a later move counts as one.</summary>
    /// <returns>The part of it that is followed.</returns>
    public string Remember(Stack stack, IReadOnlyList<ReleaseService> services)
    {
        var images = services
            .Where(service => !service.IsBuilt && ImageReference.TryParse(service.Image, out var written) && written.Digest is null)
            .Select(service => new FollowedImage(service.Name, service.Image, service.Reference[(service.Reference.IndexOf('@', StringComparison.Ordinal) + 1)..]))
            .ToList();
        journal.RecordFollowedDigests(stack.Name, FollowedImage.Format(images), timeProvider.GetUtcNow());
        ages.KeepOnly(stack, [.. images.Select(image => image.Image)]);
        return KeyOf(stack, images);
    }

    /// <summary>The digests as remembered.</summary>
    public static string Remembered(Stack stack, StackState state) => stack.Images.FollowsAny ? KeyOf(stack, FollowedImage.Parse(state.FollowedDigests)) : "";

    private async Task<(string Digest, DateTimeOffset At)> AskAsync(Stack stack, FollowedImage followed, TimeSpan oldest, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(followed.Image, out var image))
        {
            return (followed.Digest, timeProvider.GetUtcNow());
        }

        try
        {
            var access = stack.AccessTo(image);
            var (digest, at) = await shared.AskAsync((image, access), stack.Name, oldest, token => registry.ResolveDigestAsync(image, access, token), cancellationToken);
            return (ages.Choose(stack, followed.Image, digest), at);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Waiting)
        {
            Log.TagGone(logger, stack.Name, followed.Image); // what runs is not worse for it
            return (followed.Digest, timeProvider.GetUtcNow());
        }
    }

    private static string KeyOf(Stack stack, IEnumerable<FollowedImage> images) =>
        string.Join(';', images.Where(image => stack.Images.Follows(image.Service)).Select(image => $"{image.Service}={image.Digest}"));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: {Image} moved from {Before} to {After}")]
        public static partial void Moved(ILogger logger, StackName stack, string image, string before, string after);

        [LoggerMessage(LogLevel.Warning, "{Stack}: {Image} is no longer in its registry")]
        public static partial void TagGone(ILogger logger, StackName stack, string image);
    }
}
