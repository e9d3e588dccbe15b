using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Compose;

/// <summary>Compose, the reference implementation, as a program with a clean environment.</summary>
/// <remarks>All throw <see cref="FailureException"/>, classified by exit code and last line; every call has a deadline.</remarks>
public interface ICompose
{
    /// <summary>For example <c>2.26.1</c>.</summary>
    Task<string> ReadVersionAsync(CancellationToken cancellationToken);

    /// <summary>Renders the staged tree's Compose files with the stack's environment into one model whose paths are those of the work tree.</summary>
    /// <exception cref="FailureException">Rejected: invalid, incomplete or empty files, a missing variable; names the file and what Compose said.</exception>
    Task<RenderedModel> RenderAsync(Stack stack, Revision revision, StagedTree tree, CancellationToken cancellationToken);

    /// <summary>Renders a project that was started without Eclusier, from the files its containers' labels name.</summary>
    Task<RenderedModel> RenderRunningAsync(RunningProject project, CancellationToken cancellationToken);

    /// <summary>Builds the services that have a <c>build:</c> section, from the staged tree.</summary>
    /// <param name="images">The tag to give each service's image.</param>
    Task BuildAsync(Stack stack, RenderedModel model, StagedTree tree, IReadOnlyDictionary<string, string> images, CancellationToken cancellationToken);

    /// <summary>Compose's hash of each service's configuration; a service whose hash depends on a running container is left out.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadConfigHashesAsync(JsonObject model, CancellationToken cancellationToken);

    /// <summary>Makes the containers of these services anew although their definition is the same: what they hold of the host is not.</summary>
    /// <exception cref="FailureException">As <see cref="UpAsync"/>.</exception>
    Task RecreateAsync(Release release, string modelPath, IReadOnlyList<string> services, CancellationToken cancellationToken);

    /// <summary>Makes the host run the release: <c>up</c> without network. Orphans are removed, volumes never.</summary>
    /// <exception cref="FailureException">Deployment failed, transient (engine away) or ambiguous.</exception>
    Task UpAsync(Release release, string modelPath, CancellationToken cancellationToken);
}

/// <summary>The result of <c>docker compose config</c>.</summary>
/// <param name="Model">Interpolated and complete; paths of the staging tree replaced by those of the work tree.</param>
/// <param name="Project">The Compose project's name.</param>
/// <param name="ProjectDirectory">Absolute; where relative paths count from.</param>
/// <param name="ComposeFiles">The files it came from, relative to the repository's root where they are inside it.</param>
/// <param name="Warnings">What Compose warned about, a line each.</param>
public sealed record RenderedModel(JsonObject Model, string Project, string ProjectDirectory, IReadOnlyList<string> ComposeFiles, IReadOnlyList<string> Warnings);

/// <summary>A Compose project that was started by hand, as its containers' labels describe it.</summary>
public sealed record RunningProject(string Project, string WorkingDirectory, IReadOnlyList<string> ConfigFiles, IReadOnlyList<string> EnvironmentFiles)
{
    /// <returns><c>null</c>: the labels do not say where the project is.</returns>
    public static RunningProject? FromLabels(string project, IReadOnlyDictionary<string, string> labels)
    {
        string Label(string name) => labels.GetValueOrDefault($"com.docker.compose.project.{name}", "");

        return Label("working_dir") is { Length: > 0 } directory
            ? new RunningProject(project, directory, Label("config_files").Split(',', StringSplitOptions.RemoveEmptyEntries), Label("environment_file").Split(',', StringSplitOptions.RemoveEmptyEntries))
            : null;
    }
}
