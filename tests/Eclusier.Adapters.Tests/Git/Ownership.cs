using Eclusier.Adapters.Files;

namespace Eclusier.Adapters.Tests.Git;

/// <summary>Gives folders away, and tells whose the files are.</summary>
internal static class Ownership
{
    public static void Give(string folder, uint user)
    {
        new FileOwner(user, user).Give(folder);
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            new FileOwner(user, user).Give(entry);
        }
    }

    /// <summary>Everything in the folder that is not the user's.</summary>
    public static IEnumerable<string> NotOf(uint user, string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(entry => FileOwner.Of(entry) != new FileOwner(user, user))
            .Select(entry => $"{Path.GetRelativePath(folder, entry)} is of {FileOwner.Of(entry)}");
}
