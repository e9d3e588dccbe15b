using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Applying;

/// <summary>Records a project that runs already as release #0, so that the first deployment over it can be rolled back, too.</summary>
public sealed partial class Adopter(
    IEngine engine, ICompose compose, IWorkTree workTree, IReleaseStore releases, IJournal journal, TimeProvider timeProvider, ILogger<Adopter> logger)
{
    /// <returns>Release #0, or <c>null</c> when nothing runs or it cannot be told how it was started.</returns>
    public async Task<Release?> AdoptAsync(Stack stack, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(stack.Project, cancellationToken);
        var containers = live.Containers.Where(container => !container.IsOneOff && (container.IsRunning || container.HasFinishedWell)).ToList();
        if (!containers.Any(container => container.IsRunning))
        {
            return null;
        }

        try
        {
            var rendered = await compose.RenderRunningAsync(ProjectOf(stack, containers[0]), cancellationToken);
            var release = await RecordAsync(stack, rendered, containers, cancellationToken);
            Log.Adopted(logger, stack.Name, release.Services.Count);
            return release;
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            Log.NotAdopted(logger, stack.Name, exception.Message);
            return null;
        }
    }

    private async Task<Release> RecordAsync(Stack stack, RenderedModel rendered, List<LiveContainer> containers, CancellationToken cancellationToken)
    {
        var model = (JsonObject)rendered.Model.DeepClone();
        var definitions = ComposeModel.ServicesOf(model).ToList();
        var services = new List<ReleaseService>();
        foreach (var (name, definition) in definitions)
        {
            var running = containers.Where(container => container.Service == name).ToList();
            if (running.Count == 0)
            {
                Forget(model, name); // what does not run is not gone back to
                continue;
            }

            var written = ComposeModel.ImageOf(stack.Project, name, definition);
            var imageId = running[0].ImageId;
            var reference = await ReferenceAsync(written, imageId, cancellationToken);
            var tag = KeepTags.For(stack.Name, name, 0);
            await engine.TagAsync(imageId, tag, cancellationToken);
            definition["image"] = reference;
            foreach (var key in new[] { "build", "pull_policy", "profiles" })
            {
                definition.Remove(key);
            }

            services.Add(new ReleaseService
            {
                Name = name,
                Image = written,
                Reference = reference,
                ImageId = imageId,
                KeepTag = tag,
                IsBuilt = reference == imageId,
                Replicas = running.Count,
            });
        }

        await KeepSpellingAsync(model, services, containers, cancellationToken);
        var hashes = await compose.ReadConfigHashesAsync(model, cancellationToken);
        var commit = await workTree.ReadCommitAsync(stack, cancellationToken);
        var modelHash = ModelHash.Of(model);
        var release = new Release
        {
            Id = ModelHash.Of($"{stack.Name}\n{commit}\n{modelHash}\n0"),
            Number = 0,
            Stack = stack.Name,
            Project = stack.Project,
            Repository = stack.Source.Repository,
            Revision = stack.Checkout is null || commit is null ? null : new Revision("HEAD", commit, "", timeProvider.GetUtcNow(), "(what ran before Eclusier)"),
            ProjectDirectory = rendered.ProjectDirectory,
            ComposeFiles = rendered.ComposeFiles,
            Services = [.. services.Select(service => service with { ConfigHash = hashes.GetValueOrDefault(service.Name, "") })],
            ModelHash = modelHash,
            PreparedAt = timeProvider.GetUtcNow(),
        };
        releases.Publish(release, model);
        journal.Adopt(release, timeProvider.GetUtcNow());
        return release;
    }

    /// <summary>What runs just as it is written stays written so: Compose takes another spelling of the same image for a change, and going back would recreate the container.</summary>
    private async Task KeepSpellingAsync(JsonObject model, List<ReleaseService> services, List<LiveContainer> containers, CancellationToken cancellationToken)
    {
        var written = TakenOver.Written(model, services);
        var hashes = await compose.ReadConfigHashesAsync(written, cancellationToken);
        foreach (var service in services.Where(service => !service.IsBuilt))
        {
            if (containers.Where(container => container.Service == service.Name).All(container => container.Image == service.Image && container.ConfigHash == hashes.GetValueOrDefault(service.Name)))
            {
                model["services"]![service.Name]!["image"] = service.Image;
            }
        }
    }

    private static void Forget(JsonObject model, string service)
    {
        model["services"]!.AsObject().Remove(service);
        foreach (var (_, other) in ComposeModel.ServicesOf(model))
        {
            (other["depends_on"] as JsonObject)?.Remove(service); // Compose refuses a dependency that is not there
        }
    }

    /// <summary>By digest where the registry gave one under this name, so that the bits can be fetched again; else by id.</summary>
    private async Task<string> ReferenceAsync(string written, string imageId, CancellationToken cancellationToken)
    {
        var digests = await engine.ReadRepositoryDigestsAsync(imageId, cancellationToken);
        return ImageReference.TryParse(written, out var image)
            && digests.Select(digest => ImageReference.TryParse(digest, out var known) ? known : null)
                .FirstOrDefault(known => known is not null && known.Registry == image.Registry && known.Repository == image.Repository)?.Digest is { } found
            ? image.Pinned(found)
            : imageId;
    }

    private static RunningProject ProjectOf(Stack stack, LiveContainer container) =>
        RunningProject.FromLabels(stack.Project, container.Labels) ?? throw FailureException.Rejected($"container {container.Name} does not say where its Compose project is");

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: What runs already was recorded as release #0 ({Services} services)")]
        public static partial void Adopted(ILogger logger, StackName stack, int services);

        [LoggerMessage(LogLevel.Warning, "{Stack}: What runs already could not be recorded, so the first release cannot be rolled back: {Reason}")]
        public static partial void NotAdopted(ILogger logger, StackName stack, string reason);
    }
}
