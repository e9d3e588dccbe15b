using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Preparing;

/// <summary>Turns a revision into a release: rendered, its images locked and here, its folder published. The host runs on untouched.</summary>
public sealed class ReleasePreparer(
    IWorkTree workTree, IHostFiles hostFiles, ICompose compose, IRegistry registry, ImageAges ages, TakenOver takenOver, IEngine engine, IReleaseStore releases, TimeProvider timeProvider)
{
    /// <summary>Lays out the revision's files and renders its model.</summary>
    public async Task<Draft> RenderAsync(Stack stack, Revision revision, CancellationToken cancellationToken)
    {
        var tree = await workTree.StageAsync(stack, revision, cancellationToken);
        var rendered = await compose.RenderAsync(stack, revision, tree, cancellationToken);
        if (!ComposeModel.ServicesOf(rendered.Model).Any())
        {
            throw FailureException.Rejected($"the Compose project of {revision} has no service; deploying it would remove all that runs");
        }

        ReloadSignal.Check(rendered);
        RefuseMissingFiles(stack, rendered, tree, revision);
        return new Draft(revision, tree, rendered);
    }

    /// <summary>Finds the digest of every image, builds what is built here, and completes the model.</summary>
    public async Task<Candidate> LockAsync(Stack stack, Draft draft, CancellationToken cancellationToken)
    {
        var model = (JsonObject)draft.Rendered.Model.DeepClone();
        var services = await LockImagesAsync(stack, draft, cancellationToken);
        await new ExpectedLabels(registry).RequireAsync(stack, draft.Revision, model, services.Values, cancellationToken);
        foreach (var (name, definition) in ComposeModel.ServicesOf(model))
        {
            definition["image"] = services[name].Reference;
            definition.Remove("build");
            definition.Remove("pull_policy"); // everything is staged: `up` never pulls
            definition.Remove("profiles"); // rendered with the stack's profiles: what is here is meant
        }

        var (stamps, hashes) = ReadHostFiles(stack, model, draft.Tree.ObjectIds);
        var contents = ContentLabels.Add(model, workTree.PathOf(stack), hashes);
        var kept = await takenOver.KeepAsync(stack, draft, model, services.Values, contents, cancellationToken);
        var modelHash = ModelHash.Of(model);
        ContentLabels.Keep(model, contents);
        var id = ModelHash.Of(string.Join('\n', (string[])[stack.Name.Value, stack.Source.Repository, draft.Revision.Commit.Value, draft.Rendered.Project, draft.Rendered.ProjectDirectory, modelHash, .. kept.Select(name => services[name].Reference)]));
        return new Candidate(id, draft.Revision, draft.Rendered, model, modelHash, stamps, [.. services.Values]);
    }

    /// <summary>Stamps first: what is written to while it is read is seen again by the next look.</summary>
    private (Dictionary<string, string> Stamps, IReadOnlyDictionary<string, string> Hashes) ReadHostFiles(Stack stack, JsonObject model, IReadOnlyDictionary<string, string> objectIds)
    {
        var stamps = ContentLabels.HostFilesOf(model, workTree.PathOf(stack), objectIds).ToDictionary(path => path, hostFiles.StampOf);
        if (stamps.Count == 0)
        {
            return (stamps, objectIds);
        }

        var hashes = new Dictionary<string, string>(objectIds);
        foreach (var path in stamps.Keys)
        {
            if (hostFiles.HashOf(path) is { } hash)
            {
                hashes[path] = hash;
            }
            else
            {
                stamps.Remove(path); // a folder, a socket, large data: it does not count
            }
        }

        return (stamps, hashes);
    }

    /// <summary>Adds what Compose will know each service by.</summary>
    public async Task<Candidate> HashAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        var hashes = await compose.ReadConfigHashesAsync(candidate.Model, cancellationToken);
        return candidate with { Services = [.. candidate.Services.Select(service => service with { ConfigHash = hashes.GetValueOrDefault(service.Name, "") })] };
    }

    /// <summary>Brings every image here, keeps it by a tag, and publishes the release folder.</summary>
    /// <param name="number">The release's number.</param>
    /// <param name="parent">The id of the last known good release.</param>
    /// <param name="gates">What has to be passed before the release is kept; throws otherwise. It is given the candidate with config hashes.</param>
    public async Task<Release> StageAsync(Stack stack, Candidate candidate, int number, string? parent, Func<Candidate, Task> gates, CancellationToken cancellationToken)
    {
        var wanted = candidate.Services.Select(service => (service.Reference, Platform: ComposeModel.PlatformOf(candidate.Model, service.Name))).Distinct().ToList();
        var before = parent is null ? null : releases.FindWhole(stack.Name, parent);
        await new DiskSpace(registry, engine).RequireAsync(stack, wanted, before, cancellationToken);

        // all at once, as Compose does, and while Compose hashes; services that share an image bring it once
        var images = wanted.ToDictionary(image => image, image => BringAsync(stack, image.Reference, image.Platform, cancellationToken));
        var (passing, reading) = (PassAsync(), compose.ReadVersionAsync(cancellationToken));
        await Task.WhenAll([passing, reading, workTree.KeepAsync(stack, number, candidate.Revision.Commit, cancellationToken), .. images.Values]);
        var services = await Task.WhenAll((await passing).Services.Select(async service =>
        {
            var imageId = await images[(service.Reference, ComposeModel.PlatformOf(candidate.Model, service.Name))];
            var tag = KeepTags.For(stack.Name, service.Name, number);
            await engine.TagAsync(imageId, tag, cancellationToken);
            return service with { ImageId = imageId, KeepTag = tag };
        }));

        var release = new Release
        {
            Id = candidate.Id,
            Number = number,
            Stack = stack.Name,
            Project = candidate.Rendered.Project,
            Repository = stack.Source.Repository,
            Revision = candidate.Revision,
            Parent = parent,
            ProjectDirectory = candidate.Rendered.ProjectDirectory,
            ComposeFiles = candidate.Rendered.ComposeFiles,
            Profiles = stack.Profiles,
            Tools = [$"compose {await reading}"],
            Services = services,
            ModelHash = candidate.ModelHash,
            PreparedAt = timeProvider.GetUtcNow(),
        };
        if (releases.FindWhole(stack.Name, release.Id) is { } namesake && namesake.Number != number)
        {
            releases.Delete(stack.Name, release.Id); // left by an agent that ended before it was recorded; its number went to another release
        }

        releases.Publish(release, candidate.Model);
        return release;

        async Task<Candidate> PassAsync()
        {
            var whole = await HashAsync(candidate, cancellationToken);
            await gates(whole);
            return whole;
        }
    }

    /// <summary>Takes a kept release up again: makes sure that its images are still here, and fetches again what the registry still has.</summary>
    public async Task<Release> RecallAsync(Stack stack, ReleaseEntry entry, CancellationToken cancellationToken)
    {
        var release = releases.Load(entry.Stack, entry.Id);
        var model = releases.LoadModel(entry.Stack, entry.Id);
        foreach (var service in release.Services)
        {
            await BringAsync(stack, service.Reference, ComposeModel.PlatformOf(model, service.Name), cancellationToken);
            await engine.TagAsync(service.ImageId, service.KeepTag, cancellationToken);
        }

        return release;
    }

    private async Task<string> BringAsync(Stack stack, string reference, string? platform, CancellationToken cancellationToken)
    {
        if (await engine.FindImageAsync(reference, cancellationToken) is { } present)
        {
            return present;
        }

        if (!ImageReference.TryParse(reference, out var image) || image.Digest is null)
        {
            throw FailureException.Rejected($"the image {reference}, which was built on this host, is gone");
        }

        await engine.PullAsync(image, platform, stack.AccessTo(image), cancellationToken);
        return await engine.FindImageAsync(reference, cancellationToken)
            ?? throw FailureException.Transient($"{reference} was pulled, but the engine does not know it");
    }

    private async Task<SortedDictionary<string, ReleaseService>> LockImagesAsync(Stack stack, Draft draft, CancellationToken cancellationToken)
    {
        var definitions = ComposeModel.ServicesOf(draft.Rendered.Model).ToList();
        var built = definitions.Where(entry => ComposeModel.IsBuilt(entry.Value)).ToDictionary(entry => entry.Key, entry => KeepTags.ForBuild(stack.Name, entry.Key));
        if (built.Count > 0)
        {
            await compose.BuildAsync(stack, draft.Rendered, draft.Tree, built, cancellationToken);
        }

        var followed = definitions.Where(entry => stack.Images.Follows(entry.Key)).Select(entry => ComposeModel.ImageOf(draft.Rendered.Project, entry.Key, entry.Value)).ToHashSet();
        var locked = new SortedDictionary<string, ReleaseService>(StringComparer.Ordinal);
        var digests = new Dictionary<string, string>(); // services often share an image: one question each
        foreach (var (name, definition) in definitions)
        {
            var written = ComposeModel.ImageOf(draft.Rendered.Project, name, definition);
            if (!digests.TryGetValue(built.GetValueOrDefault(name, written), out var reference))
            {
                reference = built.TryGetValue(name, out var tag) ? await LocalIdAsync(tag, cancellationToken)
                    : ComposeModel.IsLocalOnly(definition) ? await LocalIdAsync(written, cancellationToken)
                    : await PinAsync(stack, name, written, followed.Contains(written), cancellationToken);
                digests[built.GetValueOrDefault(name, written)] = reference;
            }

            locked[name] = new ReleaseService
            {
                Name = name,
                Image = written,
                Reference = reference,
                ImageId = "",
                KeepTag = "",
                IsBuilt = built.ContainsKey(name) || ComposeModel.IsLocalOnly(definition),
                Replicas = ComposeModel.ReplicasOf(definition),
            };
        }

        return locked;
    }

    private async Task<string> PinAsync(Stack stack, string service, string written, bool isFollowed, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(written, out var image))
        {
            throw FailureException.Rejected($"service {service}: '{written}' is not an image name; expected [registry/]repository[:tag][@digest], repository in lower case");
        }

        if (image.Digest is { } digest)
        {
            return image.Pinned(digest);
        }

        var current = await registry.ResolveDigestAsync(image, stack.AccessTo(image), cancellationToken);
        return image.Pinned(isFollowed ? ages.Choose(stack, written, current) : current);
    }

    private async Task<string> LocalIdAsync(string tag, CancellationToken cancellationToken) =>
        await engine.FindImageAsync(tag, cancellationToken) ?? throw FailureException.Rejected($"the image {tag} is not on this host");

    private void RefuseMissingFiles(Stack stack, RenderedModel rendered, StagedTree tree, Revision revision)
    {
        var root = workTree.PathOf(stack);
        foreach (var kind in new[] { "configs", "secrets" })
        {
            foreach (var (name, definition) in rendered.Model[kind] as JsonObject ?? [])
            {
                if (ComposeModel.TextOf(definition, "file") is { } file && !File.Exists(Staged(file)))
                {
                    throw new FailureException(new Failure(FailureKind.Rejected, $"the file of {kind[..^1]} '{name}' is missing in {revision} and on the host: {file}") { HostFiles = [file] });
                }
            }
        }

        string Staged(string path) => path.StartsWith(root + "/", StringComparison.Ordinal) ? tree.Path + path[root.Length..] : path;
    }
}

/// <summary>A rendered revision, with the tree it was rendered from.</summary>
public sealed record Draft(Revision Revision, StagedTree Tree, RenderedModel Rendered);
