namespace Eclusier.Adapters.Git;

/// <summary>How long git may take.</summary>
public sealed record GitLimits
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be made or stay silent before the server counts as hanging.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to be made.</summary>
    public TimeSpan Connect => Silence < LongestConnect ? Silence : LongestConnect;

    /// <summary>Asking a server for its branches or tags.</summary>
    public TimeSpan Ask { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Anything that brings objects over the network.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Anything on this machine alone.</summary>
    public TimeSpan Local { get; init; } = TimeSpan.FromMinutes(5);
}
