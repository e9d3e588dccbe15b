using Eclusier.Core.Health;

namespace Eclusier.Core.Applying;

/// <summary>How often an end of <c>up</c> that nobody can tell is answered by another try: often while the host is as it was, seldom once it is half changed.</summary>
internal sealed class AmbiguousEnds
{
    /// <summary>Nothing is worse for it, and what is in the way may pass.</summary>
    private const int MostUntouched = 5;

    /// <summary>Some of the application may be down: rather back than again and again.</summary>
    private const int MostHalf = 2;

    private int untouched;
    private int half;

    public int Count => untouched + half;

    /// <summary>Counts one more end.</summary>
    public bool MayTryAgain(bool isUntouched) => isUntouched ? ++untouched <= MostUntouched : ++half <= MostHalf;

    /// <summary>The same containers, by name, running or not as they were.</summary>
    public static bool AreSame(LiveStack one, LiveStack other) => Traits(one).SetEquals(Traits(other));

    private static HashSet<(string, string, bool)> Traits(LiveStack live) => [.. live.Containers.Select(container => (container.Id, container.Name, container.IsRunning))];
}
