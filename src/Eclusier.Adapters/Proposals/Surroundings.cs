using System.Text.RegularExpressions;
using Eclusier.Adapters.Compose;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Proposals;

/// <summary>What is chosen among several, by what was said, by where one stands, or by asking.</summary>
internal sealed partial class Surroundings(ProposalRequest request, Clone clone, string directory)
{
    /// <summary>The project that runs from the folder, or else from anywhere in the clone.</summary>
    public RunningProject? ChooseProject(IReadOnlyList<RunningProject> projects)
    {
        var inClone = projects.Where(project => !Path.GetRelativePath(clone.Root, project.WorkingDirectory).StartsWith("..", StringComparison.Ordinal)).ToList();
        var here = inClone.Where(project => project.WorkingDirectory == (request.Setting("directory") is { } set ? Path.GetFullPath(Path.Combine(clone.Root, set)) : directory)).ToList();
        return (here.Count > 0 ? here : inClone) switch
        {
            [] => null,
            [var only] => only,
            var several => FromList(several, Ask(request, $"Several projects run from {clone.Root}: {string.Join(", ", several.Select(project => project.Project))}. Which one?", "project", "--project NAME")),
        };
    }

    /// <returns>Relative to the clone's root.</returns>
    public string ChooseFolder()
    {
        var here = Path.GetRelativePath(clone.Root, directory);
        return request.Setting("directory") ?? (ComposeProgram.DefaultFilesIn(directory).Count > 0 || request.Setting("compose_files") is not null ? here : clone.ComposeFolders switch
        {
            [] => throw FailureException.Rejected($"no folder of {clone.Root} holds a Compose file by one of its usual names; name yours: `--set directory=… --set compose_files=[…]`"),
            [var only] => only,
            var several => Ask(request, $"Compose files are in {string.Join(", ", several)}. Which folder?", "directory"),
        });
    }

    /// <summary>Asks, or says which option tells.</summary>
    public static string Ask(ProposalRequest request, string question, string key, string? option = null) =>
        request.Ask?.Invoke($"{question} ") is { Length: > 0 } answer ? answer : throw FailureException.Rejected($"{question} Say it with `{option ?? $"--set {key}=…"}`");

    /// <summary>A stack's name from a repository's address: its last part, in the letters that a name may have.</summary>
    public static string NameOf(string remote)
    {
        var last = remote.TrimEnd('/').Split('/', ':')[^1];
        return Strange().Replace((last.EndsWith(".git", StringComparison.Ordinal) ? last[..^4] : last).ToLowerInvariant(), "-").Trim('-', '_');
    }

    private static RunningProject FromList(List<RunningProject> projects, string name) =>
        projects.FirstOrDefault(project => project.Project == name) ?? throw FailureException.Rejected($"there is no project '{name}' among {string.Join(", ", projects.Select(project => project.Project))}");

    [GeneratedRegex("[^a-z0-9_-]+")]
    private static partial Regex Strange();
}
