using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Images;

/// <summary>Takes what a followed tag moved to only <see cref="ImagePolicy.MinAge"/> after it was first seen; until then what last known good runs.</summary>
public sealed partial class ImageAges(IJournal journal, IReleaseStore releases, TimeProvider timeProvider, ILogger<ImageAges> logger)
{
    /// <summary>The digest to take for a followed image: of the first one, and of a tag that a commit has just named, there is none to keep to.</summary>
    /// <param name="image">As written.</param>
    /// <param name="current">What its tag points to now.</param>
    public string Choose(Stack stack, string image, string current)
    {
        var state = journal.ReadState(stack.Name);
        var taken = FollowedImage.Parse(state.FollowedDigests).Where(followed => followed.Image == image).Select(followed => followed.Digest).ToList();
        var young = YoungImage.Parse(state.YoungImages);
        var known = young.FirstOrDefault(other => other.Image == image);
        if (stack.Images.MinAge == TimeSpan.Zero || taken.Count == 0 || taken.Contains(current))
        {
            if (known is not null)
            {
                Record(stack, young.Where(other => other != known));
            }

            return current;
        }

        var now = timeProvider.GetUtcNow();
        var isKnown = known?.Digest == current && known.FirstSeenAt <= now; // a clock that was put back proves no age: it is counted anew
        if (isKnown && now - known!.FirstSeenAt >= stack.Images.MinAge)
        {
            return current;
        }

        if (!isKnown)
        {
            Record(stack, young.Where(other => other != known).Append(new YoungImage(image, current, now)));
            Log.Young(logger, stack.Name, image, current, now + stack.Images.MinAge);
        }

        return FindLastKnownGood(state, image) ?? taken[0];
    }

    /// <summary>What was taken last may have failed since; a service that is new, or whose tag is, has nothing good to keep to yet.</summary>
    private string? FindLastKnownGood(StackState state, string image) =>
        state.LastKnownGood is { } number && journal.FindRelease(state.Stack, number) is { } entry && releases.FindWhole(state.Stack, entry.Id) is { } release
            && release.Services.FirstOrDefault(service => service.Image == image) is { IsBuilt: false } service && ImageReference.TryParse(service.Reference, out var reference)
            ? reference.Digest
            : null;

    /// <summary>Forgets images that the stack no longer uses.</summary>
    public void KeepOnly(Stack stack, IReadOnlyList<string> images)
    {
        var young = YoungImage.Parse(journal.ReadState(stack.Name).YoungImages);
        if (young.Any(image => !images.Contains(image.Image)))
        {
            Record(stack, young.Where(image => images.Contains(image.Image)));
        }
    }

    private void Record(Stack stack, IEnumerable<YoungImage> young) => journal.RecordYoungImages(stack.Name, YoungImage.Format(young));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: {Image} moved to {Digest}, which is taken from {Until:u} on (`images.min_age`)")]
        public static partial void Young(ILogger logger, StackName stack, string image, string digest, DateTimeOffset until);
    }
}
