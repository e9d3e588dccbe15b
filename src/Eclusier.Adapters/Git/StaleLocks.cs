namespace Eclusier.Adapters.Git;

/// <summary>Lock files that a killed git left behind: every later git would refuse to work.</summary>
internal static class StaleLocks
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <param name="gitFolder">The repository itself (<c>.git</c>).</param>
    /// <returns>How many were removed; none while any git runs there.</returns>
    public static int Remove(string gitFolder, string? workTree = null)
    {
        var locks = Directory.EnumerateFiles(gitFolder, "*.lock", Everywhere).ToList();
        if (locks.Count == 0 || RunningGit.IsIn(gitFolder) || (workTree is not null && RunningGit.IsIn(workTree)))
        {
            return 0;
        }

        locks.ForEach(File.Delete);
        return locks.Count;
    }
}

/// <summary>Looks for git processes of anyone in a folder.</summary>
internal static class RunningGit
{
    public static bool IsIn(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText($"{process}/comm").StartsWith("git", StringComparison.Ordinal)
                    && Directory.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false) is { } current
                    && (current.FullName == folder || current.FullName.StartsWith(folder + "/", StringComparison.Ordinal)))
                {
                    return true;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue; // it ended meanwhile, or is another user's
            }
        }

        return false;
    }
}
