namespace Eclusier.Core.Engine;

/// <summary>Whether the engine has told of anything since a moment: what was in order then is so still, and need not be looked at again.</summary>
/// <remarks>
/// It counts as quiet only while somebody has listened without a gap, and never for longer than <see cref="Longest"/>: an engine drops events
/// for a listener that is too slow, and what is done behind its back has none.
/// </remarks>
public sealed class QuietEngine(TimeProvider timeProvider)
{
    /// <summary>After so long it is looked in any case.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Projects that share a place disturb each other: that costs a look too many, and no memory.</summary>
    private const int Places = 1024;

    private const int ImagesPlace = Places;

    private readonly long[] events = new long[Places + 1];
    private long general; // what concerns everybody
    private long gaps;
    private volatile bool isListening;

    /// <summary>From now on every event is heard.</summary>
    public void BeginListening()
    {
        Interlocked.Increment(ref gaps); // first: what was seen before is not vouched for
        isListening = true;
    }

    /// <summary>Events may be missed from now on.</summary>
    public void EndListening() => isListening = false;

    public void Note(EngineEvent happened)
    {
        var isOfImage = happened.Kind == EngineEvent.OfImage;
        if (isOfImage || happened.Action is "prune")
        {
            Interlocked.Increment(ref events[ImagesPlace]);
        }

        if (isOfImage)
        {
            return;
        }

        if (happened.MayConcernEveryProject)
        {
            Interlocked.Increment(ref general);
        }
        else if (happened.Project.Length > 0)
        {
            Interlocked.Increment(ref events[PlaceOf(happened.Project)]);
        }
    }

    /// <summary>Now, for a look that begins at what is a project's: containers, networks, volumes.</summary>
    public Moment NowOfProject(string project) => NowAt(PlaceOf(project));

    /// <summary>Now, for a look that begins at images.</summary>
    public Moment NowOfImages() => NowAt(ImagesPlace);

    /// <summary>Nothing was told since, and it is not too long ago.</summary>
    public bool WasQuietSince(Moment moment) =>
        isListening
        && Interlocked.Read(ref gaps) == moment.Gaps
        && Interlocked.Read(ref general) == moment.General
        && Interlocked.Read(ref events[moment.Place]) == moment.Events
        && timeProvider.GetElapsedTime(moment.At) < Longest;

    private Moment NowAt(int place) =>
        new(isListening ? Interlocked.Read(ref gaps) : -1, Interlocked.Read(ref general), place, Interlocked.Read(ref events[place]), timeProvider.GetTimestamp());

    private static int PlaceOf(string project) => (string.GetHashCode(project, StringComparison.Ordinal) & int.MaxValue) % Places;

    /// <summary>What had been told by then.</summary>
    public readonly record struct Moment(long Gaps, long General, int Place, long Events, long At);
}
