using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Compose: renders what a commit says, and makes the engine run a model, service by service, by its configuration hash.</summary>
public sealed class FakeCompose(CallLog calls, FakeRepository repository, FakeEngine engine, InMemoryReleases releases, FakeClock clock) : ICompose
{
    /// <summary>What the next <c>up</c>s throw, before they do anything.</summary>
    public Queue<FailureException> UpTroubles { get; } = [];

    /// <summary>They throw after they have done everything.</summary>
    public bool EndsTroubledUps { get; set; }

    /// <summary>What they do before they throw.</summary>
    public Action? OnTrouble { get; set; }

    /// <summary>Projects that were started by hand, as their files render now.</summary>
    public Dictionary<string, JsonObject> ByHand { get; } = [];

    /// <summary>How what is built here behaves, by service.</summary>
    public Dictionary<string, ImageBehaviour> Builds { get; } = [];

    public TimeSpan UpTakes { get; set; }

    public Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        calls.Ask();
        return Task.FromResult("2.26.1");
    }

    public Task<RenderedModel> RenderAsync(Stack stack, Revision revision, StagedTree tree, CancellationToken cancellationToken)
    {
        calls.Ask();
        var commit = repository.Find(revision.Commit);
        if (commit.Failure is not null)
        {
            throw commit.Failure;
        }

        var text = commit.Model.ToJsonString();
        foreach (var (name, value) in stack.Environment)
        {
            text = text.Replace($"${{{name}}}", value.Replace("{commit7}", revision.Commit.Short, StringComparison.Ordinal), StringComparison.Ordinal);
        }

        var model = JsonNode.Parse(text)!.AsObject();
        model["name"] = stack.Project;
        return Task.FromResult(new RenderedModel(model, stack.Project, stack.Checkout ?? $"/var/lib/eclusier/stacks/{stack.Name}/work", ["compose.yaml"], []));
    }

    public Task<RenderedModel> RenderRunningAsync(RunningProject project, CancellationToken cancellationToken)
    {
        calls.Ask();
        return ByHand.TryGetValue(project.Project, out var model)
            ? Task.FromResult(new RenderedModel((JsonObject)model.DeepClone(), project.Project, project.WorkingDirectory, project.ConfigFiles, []))
            : throw FailureException.Rejected($"{string.Join(", ", project.ConfigFiles)}: no such file");
    }

    public Task BuildAsync(Stack stack, RenderedModel model, StagedTree tree, IReadOnlyDictionary<string, string> images, CancellationToken cancellationToken)
    {
        foreach (var (service, tag) in images)
        {
            calls.Do($"build {service}", () => engine.Build($"{service} built from {model.Model["services"]![service]!["build"]!.ToJsonString()}", tag, Builds.GetValueOrDefault(service, ImageBehaviour.Fine)));
        }

        return Task.CompletedTask;
    }

    /// <summary>As Compose itself refuses a model that does not hang together.</summary>
    public Task<IReadOnlyDictionary<string, string>> ReadConfigHashesAsync(JsonObject model, CancellationToken cancellationToken)
    {
        calls.Ask();
        var services = ComposeModel.ServicesOf(model).ToDictionary();
        foreach (var (name, definition) in services)
        {
            foreach (var dependency in (definition["depends_on"] as JsonObject ?? []).Select(entry => entry.Key).Where(dependency => !services.ContainsKey(dependency)))
            {
                throw FailureException.Rejected($"service \"{name}\" depends on undefined service \"{dependency}\": invalid compose project");
            }
        }

        return Task.FromResult<IReadOnlyDictionary<string, string>>(services.ToDictionary(service => service.Key, service => HashOf(service.Value)));
    }

    public async Task UpAsync(Release release, string modelPath, CancellationToken cancellationToken)
    {
        engine.ThrowIfAway();
        calls.Do($"up {release}");
        if (UpTroubles.TryDequeue(out var trouble))
        {
            OnTrouble?.Invoke();
            if (EndsTroubledUps)
            {
                Converge(release.Project, releases.ModelAt(modelPath), ["compose.json"]);
            }

            throw trouble;
        }

        if (UpTakes > TimeSpan.Zero)
        {
            await Task.Delay(UpTakes, clock, CancellationToken.None);
        }

        Converge(release.Project, releases.ModelAt(modelPath), ["compose.json"]);
    }

    public Task RecreateAsync(Release release, string modelPath, IReadOnlyList<string> services, CancellationToken cancellationToken)
    {
        engine.ThrowIfAway();
        calls.Do($"recreate {string.Join(' ', services)}", () => engine.Containers.RemoveAll(container => container.Project == release.Project && services.Contains(container.Service)));
        var model = (JsonObject)releases.ModelAt(modelPath).DeepClone();
        foreach (var other in ComposeModel.ServicesOf(model).Where(service => !services.Contains(service.Key)).ToList())
        {
            model["services"]!.AsObject().Remove(other.Key);
        }

        foreach (var (service, definition) in ComposeModel.ServicesOf(model))
        {
            ConvergeContainer(release.Project, service, definition, 1, ["compose.json"], "/var/lib/eclusier");
        }

        return Task.CompletedTask;
    }

    /// <summary>Somebody runs <c>docker compose up</c> in a shell, with images by their tags.</summary>
    public void UpByHand(string project, JsonObject model, FakeRegistry registry)
    {
        ByHand[project] = (JsonObject)model.DeepClone();
        foreach (var (service, definition) in ComposeModel.ServicesOf(model))
        {
            var written = ComposeModel.ImageOf(project, service, definition);
            if (engine.Find(written) is null)
            {
                engine.Add(registry.Pinned(written)).References.Add(written);
            }
        }

        Converge(project, (JsonObject)model.DeepClone(), ["/home/ada/shop/compose.yaml"], "/home/ada/shop");
    }

    /// <summary>Build, pull policy and scale are not part of it, nor is anything outside the service's section.</summary>
    public static string HashOf(JsonObject definition)
    {
        var hashed = (JsonObject)definition.DeepClone();
        foreach (var key in new[] { "build", "pull_policy", "scale", "depends_on", "profiles" })
        {
            hashed.Remove(key);
        }

        return Some.Hash(Sorted(hashed).ToJsonString());
    }

    private void Converge(string project, JsonObject model, string[] files, string directory = "/var/lib/eclusier")
    {
        engine.Networks.UnionWith(DriftExam.NamesOf(model, "networks"));
        engine.Volumes.UnionWith(DriftExam.NamesOf(model, "volumes"));
        var services = ComposeModel.ServicesOf(model).ToDictionary();
        foreach (var orphan in engine.Containers.Where(container => container.Project == project && !container.IsOneOff && !services.ContainsKey(container.Service)).ToList())
        {
            calls.Ask();
            engine.Containers.Remove(orphan);
        }

        foreach (var (service, definition) in services)
        {
            for (var number = 1; number <= ComposeModel.ReplicasOf(definition); number++)
            {
                ConvergeContainer(project, service, definition, number, files, directory);
            }

            engine.Containers.RemoveAll(container => container.Project == project && container.Service == service && !container.IsOneOff && NumberOf(container, project) > ComposeModel.ReplicasOf(definition));
        }
    }

    /// <summary>As Compose does it: create the new one under a temporary name, stop and remove the old one, rename, start.</summary>
    private void ConvergeContainer(string project, string service, JsonObject definition, int number, string[] files, string directory)
    {
        var name = $"{project}-{service}-{number}";
        var old = engine.Containers.FirstOrDefault(container => container.Project == project && container.Name == name);
        if (old is not null && old.ConfigHash == HashOf(definition))
        {
            if (old.Look(clock.Steady).State is "created" or "exited")
            {
                Start(old, definition);
            }

            return;
        }

        var reference = ComposeModel.TextOf(definition, "image") ?? $"{project}-{service}";
        var image = engine.Find(reference) ?? throw Failed($"no such image: {reference}");
        var id = engine.NextId();
        var fresh = new FakeContainer
        {
            Id = id,
            Name = old is null ? name : $"{id[..12]}_{name}",
            Project = project,
            Service = service,
            ImageId = image.Id,
            Image = reference,
            Behaviour = image.Behaviour,
            ConfigHash = HashOf(definition),
            RestartPolicy = ComposeModel.TextOf(definition, "restart") ?? "no",
            Ports = ComposeModel.PublishedPortsOf(definition),
            Labels = new Dictionary<string, string>
            {
                ["com.docker.compose.container-number"] = $"{number}",
                ["com.docker.compose.project.working_dir"] = directory,
                ["com.docker.compose.project.config_files"] = string.Join(',', files),
            },
        };
        engine.Containers.Add(fresh);
        calls.Ask();
        if (old is not null)
        {
            calls.Do($"compose: stop {name}", old.Stop);
            calls.Do($"compose: remove {name}", () => engine.Containers.Remove(old));
            fresh.Name = name;
        }

        Start(fresh, definition);
    }

    private void Start(FakeContainer container, JsonObject definition)
    {
        var taken = engine.ForeignPorts.FirstOrDefault(holder => ComposeModel.PublishedPortsOf(definition).Any(port => port.Port == holder.Port.Port));
        container.Error = taken is not null ? $"Bind for {taken.Port} failed: port is already allocated" : container.Behaviour.StartError;
        if (container.Error.Length > 0)
        {
            throw Failed(container.Error);
        }

        calls.Do($"compose: start {container.Name}", () => container.Start(clock.Steady));
    }

    private static int NumberOf(FakeContainer container, string project) =>
        int.TryParse(container.Name[(container.Name.LastIndexOf('-') + 1)..], out var number) && container.Name.StartsWith(project, StringComparison.Ordinal) ? number : 0;

    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject inner => new JsonObject(inner.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, entry.Value is null ? null : (JsonNode?)Sorted(entry.Value)))),
        JsonArray array => new JsonArray([.. array.Select(item => item is null ? null : Sorted(item))]),
        _ => node.DeepClone(),
    };

    private static FailureException Failed(string what) => new(new Failure(FailureKind.DeploymentFailed, $"`docker compose up` ended with exit code 1: {what}")
    {
        Evidence = [new Evidence("docker compose up", what)],
    });
}
