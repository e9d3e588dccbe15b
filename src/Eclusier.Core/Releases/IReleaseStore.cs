using System.Text.Json.Nodes;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Releases;

/// <summary>The release folders: written once, completely, never changed.</summary>
public interface IReleaseStore
{
    /// <summary>Writes <c>release.json</c> and <c>compose.json</c> to a temporary folder, syncs, and renames it into place. An equal release that is there already stays.</summary>
    void Publish(Release release, JsonObject model);

    /// <exception cref="Deployments.FailureException">Rejected: the folder is missing or damaged; says which file and what is wrong.</exception>
    Release Load(StackName stack, string id);

    JsonObject LoadModel(StackName stack, string id);

    /// <summary>The path of the release's <c>compose.json</c>.</summary>
    string ModelPath(StackName stack, string id);

    bool Exists(StackName stack, string id);

    /// <summary>The ids of the stack's release folders, damaged ones too.</summary>
    IReadOnlyList<string> List(StackName stack);

    /// <summary>What is wrong with a release's folder; one that is missing is damaged, too.</summary>
    /// <returns><c>null</c> when both files are as they were written.</returns>
    string? FindDamage(StackName stack, string id);

    /// <summary>Moves a damaged folder out of the way and keeps it: the id is free again.</summary>
    /// <param name="at">Becomes part of the new name.</param>
    /// <returns>Where it is now.</returns>
    string SetAside(StackName stack, string id, DateTimeOffset at);

    /// <summary>The folders that were set aside and still are there.</summary>
    IReadOnlyList<SetAsideRelease> ListSetAside(StackName stack);

    void Delete(StackName stack, string id);
}

/// <summary>A damaged release folder that is out of the way.</summary>
/// <param name="Id">Of the release it was.</param>
/// <param name="Path">Where it is.</param>
public sealed record SetAsideRelease(string Id, string Path);
