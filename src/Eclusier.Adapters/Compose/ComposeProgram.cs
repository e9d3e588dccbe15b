using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Registries;
using Eclusier.Adapters.Releases;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Compose;

/// <summary>Compose as the program <c>docker compose</c>: the reference implementation, started with a clean environment.</summary>
public sealed partial class ComposeProgram(IProcessRunner processes, IWorkTree workTrees) : ICompose
{
    internal static readonly string[] DefaultFiles = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

    private static readonly string[] DefaultOverrides = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

    private readonly ComposeCommands commands = new(ComposePlugin.Find(Environment.GetEnvironmentVariable));
    private string? version; // asked once: it is recorded with each release, and starting the program takes a tenth of a second

    public async Task<string> ReadVersionAsync(CancellationToken cancellationToken) => version ??= await AskVersionAsync(cancellationToken);

    public async Task<RenderedModel> RenderAsync(Stack stack, Revision revision, StagedTree tree, CancellationToken cancellationToken)
    {
        try
        {
            return await RenderStagedAsync(stack, revision, tree, cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new FailureException(exception.Failure with { HostFiles = HostFilesOf(stack, exception.Message) }, exception);
        }
    }

    private async Task<RenderedModel> RenderStagedAsync(Stack stack, Revision revision, StagedTree tree, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(Path.Combine(tree.Path, stack.Directory));
        if (!Directory.Exists(directory))
        {
            throw FailureException.Rejected($"the folder '{stack.Directory}' does not exist in {revision}; `directory` names where the Compose files are");
        }

        var files = FilesOf(stack, revision, directory);
        var variables = StackVariables.Of(stack, revision);
        var envFiles = EnvFilesOf(stack, directory);
        var spec = commands.Config(
            stack.Project, directory, stack.ComposeFiles.Count == 0 ? [] : files, envFiles, stack.Profiles, variables);
        var result = await processes.RunAsync(spec, cancellationToken);
        var moved = new PathMove(tree.Path, workTrees.PathOf(stack));
        if (!result.Succeeded)
        {
            var said = EnvFileSecrets.Hide(result.StandardError, stack.Environment, envFiles ?? [Path.Combine(directory, ".env")]);
            throw ComposeFailures.OfConfig(result with { StandardError = moved.ToRepository(said) }, files.Select(moved.ToRepository));
        }

        var warnings = ComposeWarnings.Of(result.StandardError);
        RefuseUnsetVariables(stack, warnings, files, moved);
        var model = Parse(result.StandardOutput);
        await AddVariablesAsync(model, commands.Config(stack.Project, directory, ["-"], envFiles, [], variables), cancellationToken);
        var projectDirectory = stack.ComposeFiles.Count == 0 ? directory : Path.GetDirectoryName(files[0])!;
        return new RenderedModel(
            moved.ToWorkTree(model), stack.Project, moved.ToWorkTree(projectDirectory),
            [.. files.Select(file => Path.GetRelativePath(tree.Path, file))], [.. warnings.Select(warning => moved.ToRepository(warning.Text))]);
    }

    public async Task<RenderedModel> RenderRunningAsync(RunningProject project, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? envFiles = project.EnvironmentFiles.Count == 0 ? null : project.EnvironmentFiles;
        var spec = commands.Config(project.Project, project.WorkingDirectory, project.ConfigFiles, envFiles, [], new Dictionary<string, string?>());
        var result = await processes.RunAsync(spec, cancellationToken);
        return result.Succeeded
            ? new RenderedModel(Parse(result.StandardOutput), project.Project, project.WorkingDirectory, project.ConfigFiles, [.. ComposeWarnings.Of(result.StandardError).Select(warning => warning.Text)])
            : throw ComposeFailures.OfConfig(result with { StandardError = EnvFileSecrets.Hide(result.StandardError, [], envFiles ?? [Path.Combine(project.WorkingDirectory, ".env")]) }, project.ConfigFiles);
    }

    /// <summary>The model of a project's files as they are written: variables are not filled in, and the services of every profile are in it.</summary>
    /// <exception cref="FailureException">Rejected: the files are not valid.</exception>
    public async Task<JsonObject> ReadAsWrittenAsync(string directory, IReadOnlyList<string> composeFiles, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(commands.AsWritten(directory, composeFiles), cancellationToken);
        return result.Succeeded
            ? Parse(result.StandardOutput)
            : throw ComposeFailures.OfConfig(result with { StandardError = EnvFileSecrets.Hide(result.StandardError, [], [Path.Combine(directory, ".env")]) }, composeFiles);
    }

    public async Task BuildAsync(Stack stack, RenderedModel model, StagedTree tree, IReadOnlyDictionary<string, string> images, CancellationToken cancellationToken)
    {
        // built from the staging tree: the work tree is still at the release that runs
        var staged = new PathMove(workTrees.PathOf(stack), tree.Path).ToWorkTree(model.Model);
        foreach (var (service, image) in images)
        {
            staged["services"]![service]!["image"] = image;
        }

        var spec = commands.Build(stack.Project, Path.Combine(tree.Path, stack.Directory), [.. images.Keys]) with { StandardInput = Text(staged) };
        using var logins = BuildLogins.Create(Path.Combine(tree.Path, "..", "build-logins"), DockerCredentials.DefaultDirectory(), stack.Registries.Values);
        var result = await processes.RunAsync(logins is null ? spec : spec with { Environment = new Dictionary<string, string?>(spec.Environment) { ["DOCKER_CONFIG"] = logins.Path } }, cancellationToken);
        if (!result.Succeeded)
        {
            throw ComposeFailures.OfBuild(result with { StandardError = SecretMask.For(stack.Environment, model.Model).Apply(result.StandardError) });
        }
    }

    public async Task<IReadOnlyDictionary<string, string>> ReadConfigHashesAsync(JsonObject model, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(commands.ConfigHashes() with { StandardInput = Text(model) }, cancellationToken);
        if (!result.Succeeded)
        {
            throw ComposeFailures.OfConfig(result, ["as rendered"]);
        }

        var services = model["services"] as JsonObject ?? [];
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2 && !SharesAnotherContainersNetwork(services[parts[0]]))
            .DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1].Trim());
    }

    public Task UpAsync(Release release, string modelPath, CancellationToken cancellationToken) =>
        ApplyAsync(modelPath, variables => commands.Up(release.Project, release.ProjectDirectory, modelPath, variables), cancellationToken);

    public Task RecreateAsync(Release release, string modelPath, IReadOnlyList<string> services, CancellationToken cancellationToken) =>
        ApplyAsync(modelPath, variables => commands.Recreate(release.Project, release.ProjectDirectory, modelPath, services, variables), cancellationToken);

    private async Task ApplyAsync(string modelPath, Func<IReadOnlyDictionary<string, string?>, ProcessSpec> command, CancellationToken cancellationToken)
    {
        var variables = (JsonNode.Parse(await File.ReadAllTextAsync(modelPath, cancellationToken))![ComposeModel.VariablesKey] as JsonObject ?? [])
            .ToDictionary(variable => variable.Key, string? (variable) => variable.Value?.GetValue<string>());
        var result = await processes.RunAsync(command(variables), cancellationToken);
        if (!result.Succeeded)
        {
            throw ComposeFailures.OfUp(result);
        }
    }

    private async Task<string> AskVersionAsync(CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(commands.Version(), cancellationToken);
        return result.Succeeded
            ? result.StandardOutput.Trim()
            : throw FailureException.Rejected($"Docker Compose v2 does not work: {ComposeFailures.Said(result)}; install Docker's compose plugin");
    }

    /// <summary>The container's id is part of such a service's hash: it cannot be known before.</summary>
    private static bool SharesAnotherContainersNetwork(JsonNode? service) =>
        ComposeModel.TextOf(service, "network_mode")?.StartsWith("service:", StringComparison.Ordinal) ?? false;

    private static List<string> FilesOf(Stack stack, Revision revision, string directory)
    {
        if (stack.ComposeFiles.Count > 0)
        {
            return [.. stack.ComposeFiles.Select(file => Path.GetFullPath(Path.Combine(directory, file))).Select(file => File.Exists(file)
                ? file
                : throw FailureException.Rejected($"the Compose file '{Path.Combine(stack.Directory, Path.GetRelativePath(directory, file))}' does not exist in {revision}"))];
        }

        // Compose itself would go on looking in the folders above
        return DefaultFilesIn(directory) is { Count: > 0 } found ? [.. found]
            : throw FailureException.Rejected($"there is no Compose file in '{stack.Directory}' of {revision}: expected one of {string.Join(", ", DefaultFiles)}, or name yours in `compose_files`");
    }

    /// <summary>The files that Compose takes by itself in a folder: one by its usual name and, if there is one, the file that overrides it.</summary>
    internal static IReadOnlyList<string> DefaultFilesIn(string directory) =>
        DefaultFiles.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists) is { } found
            ? [found, .. DefaultOverrides.Select(name => Path.Combine(directory, name)).Where(File.Exists).Take(1)]
            : [];

    /// <summary>Files in the work tree, or elsewhere on the host, that a rejection may be due to: where variables come from, and what Compose missed.</summary>
    private List<string> HostFilesOf(Stack stack, string message)
    {
        var root = workTrees.PathOf(stack);
        var missed = MissedFile().Matches(message).Select(match => Path.Combine(root, match.Groups["path"].Value));
        return [.. (stack.EnvFiles ?? [".env"]).Select(file => Path.Combine(root, stack.Directory, file)).Concat(missed).Select(Path.GetFullPath).Distinct()];
    }

    // "env file /p/missing.env not found: stat …"; the staging tree's own path is cut off already
    [GeneratedRegex("env file (?<path>[^\n]+?) not found")]
    private static partial Regex MissedFile();

    private static List<string>? EnvFilesOf(Stack stack, string directory) =>
        stack.EnvFiles is null ? null : [.. stack.EnvFiles.Select(file => Path.GetFullPath(Path.Combine(directory, file))).Select(file => File.Exists(file)
            ? file
            : throw FailureException.Rejected($"the env file '{Path.GetRelativePath(directory, file)}' of `env_files` exists neither in the repository nor beside the work tree's Compose files"))];

    private static void RefuseUnsetVariables(Stack stack, IReadOnlyList<ComposeWarning> warnings, List<string> files, PathMove moved)
    {
        var unset = warnings.Select(warning => warning.UnsetVariable).OfType<string>().Distinct().ToList();
        if (unset.Count > 0 && stack.UnsetVariables == UnsetVariables.Error)
        {
            var places = unset.Select(name => $"{name}{ComposeWarnings.PlaceOf(name, files, moved)}");
            throw FailureException.Rejected(
                $"not set and without a default: {string.Join(", ", places)}; set it in `environment` or an env file, write ${{NAME:-default}}, or allow blanks with `unset_variables: warn`");
        }
    }

    /// <summary>Configs and secrets with <c>environment: NAME</c> are read by <c>up</c>: their values go with the model.</summary>
    private async Task AddVariablesAsync(JsonObject model, ProcessSpec asking, CancellationToken cancellationToken)
    {
        var names = new[] { "configs", "secrets" }
            .SelectMany(kind => model[kind] as JsonObject ?? [])
            .Select(definition => ComposeModel.TextOf(definition.Value, "environment"))
            .OfType<string>().Distinct().ToList();
        if (names.Count == 0)
        {
            return;
        }

        // Compose itself answers, with its own rules for env files: a model that only holds these variables
        var question = new JsonObject { ["services"] = new JsonObject { ["x"] = new JsonObject { ["image"] = "x", ["environment"] = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)$"${{{name}:?}}"))) } } };
        var result = await processes.RunAsync(asking with { StandardInput = Text(question) }, cancellationToken);
        if (!result.Succeeded)
        {
            throw ComposeFailures.OfConfig(result, ["as rendered"]);
        }

        var answers = Parse(result.StandardOutput)["services"]?["x"] is JsonObject answer ? answer["environment"] : null;
        model[ComposeModel.VariablesKey] = new JsonObject(names.Select(name => KeyValuePair.Create(
            name, (JsonNode?)(ComposeModel.TextOf(answers, name) ?? throw Unreadable($"it does not say what {name} is")).Replace("$$", "$", StringComparison.Ordinal))));
    }

    /// <summary>What the rest relies on is looked at here: another version of Compose may print another form.</summary>
    private static JsonObject Parse(string output)
    {
        try
        {
            return JsonNode.Parse(output) is JsonObject model && model["services"] is (null or JsonObject)
                ? model
                : throw new JsonException("it is not a model with services");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException) // a key that comes twice is found when it is looked for
        {
            throw Unreadable(exception.Message, exception);
        }
    }

    private static FailureException Unreadable(string why, Exception? exception = null) =>
        new(new Failure(FailureKind.Ambiguous, $"what `docker compose config` printed cannot be read: {why}"), exception);

    private static string Text(JsonObject model) => Encoding.UTF8.GetString(ModelText.Write(model));
}
