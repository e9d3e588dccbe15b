using Eclusier.Adapters.Processes;
using Eclusier.Core.Compose;

namespace Eclusier.Adapters.Compose;

/// <summary>Every command line of <c>docker compose</c> that Eclusier uses. Building one starts nothing.</summary>
/// <param name="plugin">Compose's own program, which starts faster without <c>docker</c> before it; <c>null</c>: by way of <c>docker</c>.</param>
internal sealed class ComposeCommands(string? plugin)
{
    /// <summary>What Docker itself needs of the agent's environment; nothing else of it reaches Compose, whose files could read it.</summary>
    private static readonly IReadOnlyList<string> Inherited =
        ["PATH", "HOME", "TZ", "TMPDIR", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_CONTEXT", "SSH_AUTH_SOCK"];

    private static readonly IReadOnlyDictionary<string, string?> PlainOutput = new Dictionary<string, string?>
    {
        ["LC_ALL"] = "C.UTF-8",
        ["COMPOSE_ANSI"] = "never",
        ["DOCKER_CLI_HINTS"] = "false",
    };

    public ProcessSpec Version() => Compose(["version", "--short"]);

    /// <summary>Which options a command of Compose has.</summary>
    public ProcessSpec Help(string command) => Compose([command, "--help"]);

    /// <param name="composeFiles">Empty: Compose looks for its default files in <paramref name="directory"/>.</param>
    /// <param name="envFiles"><c>null</c>: Compose takes <c>.env</c> where it finds one.</param>
    public ProcessSpec Config(
        string project, string directory, IReadOnlyList<string> composeFiles, IReadOnlyList<string>? envFiles, IReadOnlyList<string> profiles, IReadOnlyDictionary<string, string?> variables) =>
        Compose(
        [
            "--project-name", project,
            .. composeFiles.SelectMany(file => (string[])["--file", file]),
            .. (envFiles ?? []).SelectMany(file => (string[])["--env-file", file]),
            .. profiles.SelectMany(profile => (string[])["--profile", profile]),
            "config", "--format", "json",
        ]) with
        {
            WorkingDirectory = directory,
            Environment = With(envFiles is { Count: 0 } ? [.. variables, new("COMPOSE_DISABLE_ENV_FILE", "1")] : variables),
        };

    /// <summary>The files as they are written: variables stay, and every profile is in.</summary>
    public ProcessSpec AsWritten(string directory, IReadOnlyList<string> composeFiles) =>
        Compose([.. composeFiles.SelectMany(file => (string[])["--file", file]), "config", "--no-interpolate", "--format", "json"]) with { WorkingDirectory = directory };

    /// <summary>Of a rendered model, whose variables are filled in: an engine that is not there is no loss, and saves the question whether it is Docker Desktop's.</summary>
    public ProcessSpec ConfigHashes() => Compose(["--file", "-", "config", "--hash", "*"]) with
    {
        Inherited = [.. Inherited.Except(["DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_CONTEXT", "SSH_AUTH_SOCK"])],
        Environment = With([new("DOCKER_HOST", "unix:///dev/null")]),
    };

    public ProcessSpec Build(string project, string directory, IReadOnlyList<string> services) =>
        Compose(["--project-name", project, "--project-directory", directory, "--file", "-", "--progress", "plain", "build", .. services]) with
        {
            TimeLimit = TimeSpan.FromMinutes(60),
        };

    /// <summary><c>--pull never --no-build</c>: everything was staged, so applying needs no network.</summary>
    public ProcessSpec Up(string project, string directory, string modelPath, IReadOnlyDictionary<string, string?> variables) =>
        Apply(project, directory, modelPath, ["--remove-orphans"], variables);

    /// <summary>Only these services, whatever Compose thinks of them.</summary>
    public ProcessSpec Recreate(string project, string directory, string modelPath, IReadOnlyList<string> services, IReadOnlyDictionary<string, string?> variables) =>
        Apply(project, directory, modelPath, ["--force-recreate", "--no-deps", "--", .. services], variables);

    private ProcessSpec Apply(string project, string directory, string modelPath, IReadOnlyList<string> more, IReadOnlyDictionary<string, string?> variables) =>
        Compose(
        [
            "--project-name", project, "--project-directory", directory, "--file", modelPath, "--progress", "plain",
            "up", "--detach", "--pull", "never", "--no-build", .. more,
        ]) with
        {
            TimeLimit = TimeSpan.FromMinutes(15),
            Environment = With(variables),
        };

    private ProcessSpec Compose(IReadOnlyList<string> arguments) =>
        new(plugin ?? "docker", plugin is null ? ["compose", .. arguments] : arguments) { Inherited = Inherited, Environment = PlainOutput };

    private static Dictionary<string, string?> With(IEnumerable<KeyValuePair<string, string?>> variables)
    {
        var environment = new Dictionary<string, string?>(variables);
        foreach (var (name, value) in PlainOutput)
        {
            environment[name] = value;
        }

        return environment;
    }
}
