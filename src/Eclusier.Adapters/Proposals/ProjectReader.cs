using System.Text.Json.Nodes;
using Eclusier.Adapters.Compose;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Proposals;

/// <summary>Adds to a draft what the Compose files and the running containers tell: which files, variables and profiles, and what could be probed.</summary>
internal sealed class ProjectReader(ComposeProgram compose, DockerEngine.DockerEngine engine, List<string> notes)
{
    public async Task DescribeAsync(ConfigurationDraft draft, Clone clone, RunningProject? running, string folder, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(Path.Combine(clone.Root, folder));
        var files = running?.ConfigFiles.Select(file => Path.GetRelativePath(directory, file)).ToList() ?? [];
        if (files.Count > 0 && !files.SequenceEqual(DefaultsIn(directory)))
        {
            draft.Set("compose_files", List(files));
        }

        var envFiles = running?.EnvironmentFiles.Where(file => file != Path.Combine(directory, ".env")).Select(file => file.StartsWith(clone.Root + "/", StringComparison.Ordinal) ? Path.GetRelativePath(directory, file) : file).ToList() ?? [];
        if (envFiles.Count > 0)
        {
            draft.Set("env_files", List(envFiles));
        }

        LiveStack? live = running is null ? null : await engine.ObserveAsync(running.Project, cancellationToken);
        JsonObject written;
        RenderedModel rendered;
        try
        {
            written = await compose.ReadAsWrittenAsync(directory, files, cancellationToken);
            rendered = running is not null
                ? await compose.RenderRunningAsync(running, cancellationToken)
                : await compose.RenderAsync(StackOf(clone, folder), new Revision(clone.Branch ?? "HEAD", clone.Commit, "", DateTimeOffset.UnixEpoch, ""), new StagedTree(clone.Root, new Dictionary<string, string>()), cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            notes.Add($"the Compose files could not be read, and so were not looked into: {exception.Message}");
            return;
        }

        AddVariables(draft, clone, written, rendered, live);
        AddProfiles(draft, written, live);
        AddProbes(draft, rendered);
    }

    private void AddVariables(ConfigurationDraft draft, Clone clone, JsonObject written, RenderedModel rendered, LiveStack? live)
    {
        var images = ComposeModel.ServicesOf(written).Select(service => (
            Written: ComposeModel.TextOf(service.Value, "image") ?? "",
            Actual: live?.Of(service.Key).FirstOrDefault()?.Image ?? ComposeModel.TextOf(rendered.Model["services"]?[service.Key], "image") ?? ""));
        var byCommit = ImageVariables.Find(images, clone.Commit);
        foreach (var (name, value) in byCommit)
        {
            draft.Set($"environment.{name}", value, "the image of each commit");
        }

        var unset = rendered.Warnings.Select(ComposeWarnings.UnsetVariableOf).OfType<string>().Distinct().Except(byCommit.Keys).ToList();
        if (unset.Count > 0)
        {
            draft.Set("unset_variables", "warn", $"not set: {string.Join(", ", unset)}");
            notes.Add($"variables without a value: {string.Join(", ", unset)}. Set them in an env file or under `environment`, and take `unset_variables` out: a variable that is missing is then found before anything is touched");
        }
    }

    private void AddProfiles(ConfigurationDraft draft, JsonObject written, LiveStack? live)
    {
        var active = ComposeModel.ServicesOf(written).Where(service => live?.Of(service.Key).Any() ?? false)
            .SelectMany(service => (service.Value["profiles"] as JsonArray ?? []).Take(1).Select(profile => $"{profile}")).Distinct().ToList();
        if (active.Count > 0)
        {
            draft.Set("profiles", List(active));
            notes.Add($"services of a profile ({string.Join(", ", active)}) may be recreated once when they are taken over: older versions of Compose count the profile as part of the definition; `eclusier plan` says so");
        }
    }

    private static void AddProbes(ConfigurationDraft draft, RenderedModel rendered)
    {
        var ideas = ProbeIdeas.Of(rendered.Model);
        draft.Remark([
            "health:                                # containers and healthchecks count without it, too",
            "  timeout: 2m",
            "  soak: 15s",
            .. ideas.Count > 0 ? ideas.Select(idea => $"    - {idea}").Prepend("  probes:") : ["  probes: [{ http: https://www.example.org/health }]"],
            "notify: [ops]                          # who is told: `notifiers`, docs/notifications.md",
        ]);
    }

    private static Stack StackOf(Clone clone, string folder) =>
        new(StackName.Parse("proposed"), new Source(clone.Remote, new RevisionSelector.Branch(clone.Branch ?? "main"))) { Directory = folder, Checkout = clone.Root, UnsetVariables = UnsetVariables.Warn };

    private static string[] DefaultsIn(string directory) => [.. ComposeProgram.DefaultFilesIn(directory).Select(file => Path.GetRelativePath(directory, file))];

    private static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(ConfigurationDraft.Scalar))}]";
}
