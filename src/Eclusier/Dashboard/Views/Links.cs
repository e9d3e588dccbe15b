using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;

namespace Eclusier.Dashboard.Views;

/// <summary>Links to the forge.</summary>
internal static class Links
{
    /// <returns><c>null</c>: no commit, or the forge is not known.</returns>
    public static string? To(string? repository, string? commit) =>
        repository is null || !CommitId.TryParse(commit, out var id) ? null : CommitLink.For(repository, id);
}
