using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Untracked files that a move would overwrite without a word: git's forced moves do not spare them.</summary>
internal static class FilesInTheWay
{
    /// <param name="tracked">The paths of the index.</param>
    /// <returns>Plain files that stand where the commit has another content.</returns>
    /// <exception cref="FailureException">Rejected: a folder or a link is in the way; git would delete it with all that is in it.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(GitProgram git, GitCommand work, CommitId next, HashSet<string> tracked, CancellationToken cancellationToken)
    {
        // as seen from the commit, what the index does not have is deleted
        var fields = await git.ListAsync(work with { Arguments = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--diff-filter=D", "--ignore-submodules=all", next.Value] }, cancellationToken);
        var created = Enumerable.Range(0, fields.Length / 2).Select(index => (Path: fields[(2 * index) + 1], Id: fields[2 * index].Split(' ')[2], Mode: fields[2 * index].Split(' ')[0])).ToList();

        var found = new List<(string Path, string Id)>();
        foreach (var (path, id, mode) in created)
        {
            var full = Path.Combine(work.Folder, path);
            if (mode == ":160000" || BlockerAbove(work.Folder, path, tracked) is not { } blocker)
            {
                continue; // submodules write into what is there
            }

            var entry = new FileInfo(full);
            if (blocker != path || (Directory.Exists(full) && entry.LinkTarget is null && HasUntracked(full, path, tracked)))
            {
                throw FailureException.Rejected($"{Path.Combine(work.Folder, blocker)} is not in git and is in the way of the commit's {path}: move it away");
            }

            if (entry.Exists && entry.LinkTarget is null)
            {
                found.Add((path, id));
            }
            else if (entry.LinkTarget is not null && entry.LinkTarget != await git.RunAsync(work with { Arguments = ["cat-file", "blob", id] }, cancellationToken))
            {
                throw FailureException.Rejected($"the link {full} is not in git and is in the way of the commit's {path}: move it away");
            }
        }

        return found.Count == 0 ? [] : await WithOtherContentAsync(git, work, found, cancellationToken);
    }

    /// <summary>The first thing on the way to the path that is no real folder and not tracked itself, or the path; <c>null</c>: nothing is there.</summary>
    private static string? BlockerAbove(string root, string path, HashSet<string> tracked)
    {
        for (var end = path.IndexOf('/'); end > 0; end = path.IndexOf('/', end + 1))
        {
            var above = new DirectoryInfo(Path.Combine(root, path[..end]));
            if (above.LinkTarget is not null || !above.Exists)
            {
                return Path.Exists(above.FullName) || above.LinkTarget is not null ? (tracked.Contains(path[..end]) ? null : path[..end]) : null;
            }
        }

        return Path.Exists(Path.Combine(root, path)) || new FileInfo(Path.Combine(root, path)).LinkTarget is not null ? path : null;
    }

    private static bool HasUntracked(string folder, string path, HashSet<string> tracked) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(file => !tracked.Contains($"{path}/{Path.GetRelativePath(folder, file)}"));

    private static async Task<List<string>> WithOtherContentAsync(GitProgram git, GitCommand work, List<(string Path, string Id)> files, CancellationToken cancellationToken)
    {
        var different = new List<string>();
        foreach (var some in files.Chunk(500)) // as many as surely fit on a command line
        {
            var actual = (await git.RunAsync(work with { Arguments = ["hash-object", "--", .. some.Select(file => file.Path)] }, cancellationToken)).Split('\n');
            different.AddRange(some.Where((file, index) => actual[index] != file.Id).Select(file => file.Path));
        }

        return different;
    }
}
