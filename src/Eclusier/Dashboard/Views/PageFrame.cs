using Eclusier.Output;

namespace Eclusier.Dashboard.Views;

/// <summary>What every page has around its own content: who looks, what that person may do, and how the page stays up to date.</summary>
public sealed record PageFrame
{
    public required string Title { get; init; }

    /// <summary>Who is signed in; <c>null</c> on the sign-in page.</summary>
    public string? Who { get; init; }

    /// <summary>The word of that person's role.</summary>
    public string Role { get; init; } = "";

    /// <summary>Buttons that change something are shown.</summary>
    public bool MayOperate { get; init; }

    public bool IsAdmin { get; init; }

    /// <summary>Signed in with a form, so there is something to sign out of.</summary>
    public bool CanSignOut { get; init; }

    /// <summary>What each form must send along: nobody else's page knows it.</summary>
    public string FormToken { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>The host that is looked at.</summary>
    public string Host { get; init; } = "";

    /// <summary>Where the page hears of changes; <c>null</c>: it stays as it is.</summary>
    public string? EventsPath { get; init; }

    /// <summary>Only changes of this stack matter here.</summary>
    public string? Stack { get; init; }

    /// <summary>A browser without script loads the page again after so many seconds.</summary>
    public int? ReloadSeconds { get; init; }

    /// <summary>What came of the last request.</summary>
    public Notice? Notice { get; init; }

    public required Times Times { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>A sentence above the page's content.</summary>
/// <param name="IsPending">There will be more to say.</param>
public sealed record Notice(Look Look, string Text, bool IsPending);
