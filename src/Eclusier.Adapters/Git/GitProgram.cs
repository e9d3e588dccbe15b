using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Git;

/// <summary>One call of git: where, what, and with which rights.</summary>
/// <param name="Folder">A work tree's root, or a bare repository.</param>
internal sealed record GitCommand(string Folder, params IReadOnlyList<string> Arguments)
{
    /// <summary>The folder is the repository itself.</summary>
    public bool IsBare { get; init; }

    /// <summary>For calls over the network; <c>null</c>: git stays on this machine.</summary>
    public GitAccess? Access { get; init; }

    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    public string? StandardInput { get; init; }

    /// <summary>Another repository's folder of objects, which may be read as if they were here.</summary>
    public string? BorrowedObjects { get; init; }

    /// <summary>Paths are what they are, not patterns.</summary>
    public bool HasLiteralPaths { get; init; }

    /// <summary>What is being done, for messages: "reading the branches".</summary>
    public required string Doing { get; init; }
}

/// <summary>Runs git with an environment and settings that do not depend on who started the agent.</summary>
internal sealed class GitProgram(GitHome home, IProcessRunner processes, GitLimits limits)
{
    // the network's variables, and ssh's agent for those who configured no key
    private static readonly string[] Inherited =
    [
        "PATH", "TZ", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ];

    public GitHome Home => home;

    public GitLimits Limits => limits;

    /// <summary>Runs git whatever its exit code will be.</summary>
    public async Task<ProcessResult> TryAsync(GitCommand command, CancellationToken cancellationToken)
    {
        home.Prepare();
        return await processes.RunAsync(SpecOf(command), cancellationToken);
    }

    /// <returns>What git printed.</returns>
    /// <exception cref="FailureException">git failed, or said too much or took too long; classified.</exception>
    public async Task<string> RunAsync(GitCommand command, CancellationToken cancellationToken)
    {
        var result = await TryAsync(command, cancellationToken);
        return result.Succeeded ? result.StandardOutput : throw GitFailures.Of(command, result);
    }

    /// <summary>Runs git for a list that it separates with NULs.</summary>
    public async Task<string[]> ListAsync(GitCommand command, CancellationToken cancellationToken) =>
        (await RunAsync(command, cancellationToken)).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private ProcessSpec SpecOf(GitCommand command)
    {
        var environment = new Dictionary<string, string?>
        {
            ["LC_ALL"] = "C", // failures are told apart by their English text
            ["HOME"] = GitHome.UserHome,
            ["GIT_CONFIG_GLOBAL"] = home.ConfigFile,
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_OPTIONAL_LOCKS"] = "0", // looking at a work tree must not get in the way of its operator
            ["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(command.Folder), // a missing .git must not be looked for further up
            ["GIT_LITERAL_PATHSPECS"] = command.HasLiteralPaths ? "1" : null,
            ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = command.BorrowedObjects,
        };
        foreach (var (name, value) in command.Access?.Environment ?? [])
        {
            environment[name] = value;
        }

        AddSettings(environment, [.. Settings(), .. command.Access?.Settings ?? [], .. command.Settings]);
        string[] where = command.IsBare ? ["--git-dir=."] : []; // said, since safe.bareRepository may forbid to find it
        return new ProcessSpec("git", [.. where, .. command.Arguments])
        {
            WorkingDirectory = command.Folder,
            Environment = environment,
            Inherited = Inherited,
            StandardInput = command.StandardInput,
            TimeLimit = command.Access is null ? limits.Local : command.Arguments[0] == "ls-remote" ? limits.Ask : limits.Fetch,
            MaxOutputBytes = command.Arguments[0] == "ls-remote" ? 64 * 1024 * 1024 : 512 * 1024 * 1024, // a cut list of files would be a wrong one; a server may send references for as long as it is let
        };
    }

    /// <summary>Settings that must win over those of the user and of an adopted clone.</summary>
    private (string Name, string Value)[] Settings() =>
    [
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("core.quotePath", "false"),
        ("advice.detachedHead", "false"),
        ("submodule.recurse", "false"),
        ("fetch.recurseSubmodules", "false"),
        ("fetch.unpackLimit", "1"), // a pack appears complete or not at all: unpacked, a full disk or a kill leaves a commit without its files
        ("gc.autoDetach", "false"), // it would outlive the call, and its time limit
        ("maintenance.autoDetach", "false"),
        ("http.lowSpeedLimit", "1"),
        ("http.lowSpeedTime", $"{Math.Max(1, (int)limits.Silence.TotalSeconds)}"),
    ];

    private static void AddSettings(Dictionary<string, string?> environment, IReadOnlyList<(string Name, string Value)> settings)
    {
        environment["GIT_CONFIG_COUNT"] = $"{settings.Count}";
        for (var index = 0; index < settings.Count; index++)
        {
            environment[$"GIT_CONFIG_KEY_{index}"] = settings[index].Name;
            environment[$"GIT_CONFIG_VALUE_{index}"] = settings[index].Value;
        }
    }
}
