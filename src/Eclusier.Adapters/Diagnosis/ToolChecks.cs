using System.Text.RegularExpressions;
using Eclusier.Adapters.Compose;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Compose;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Engine;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>git: there, and new enough.</summary>
public sealed partial class GitCheck(IProcessRunner processes) : Check("git")
{
    // settings by environment (GIT_CONFIG_COUNT) came with 2.31: by them git is kept from hooks, prompts and the like
    private static readonly Version Oldest = new(2, 31);

    public override string Remedy => "install git, 2.31 or newer: `apt-get install git`, say";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessSpec("git", "--version") { TimeLimit = TimeSpan.FromSeconds(10) }, cancellationToken);
        var said = VersionText().Match(result.StandardOutput);
        return !result.Succeeded || !said.Success ? [Problem($"`git --version` ended with {result.ExitCode}: {result.LastErrorLine}", Remedy)]
            : Version.Parse(said.Value) < Oldest ? [Problem($"git {said.Value} is too old", Remedy)]
            : [Ok($"git {said.Value}")];
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionText();
}

/// <summary>The Docker Engine: it answers this user, and is new enough.</summary>
public sealed partial class EngineCheck(IEngine engine, DockerEngineOptions options) : Check("docker-engine")
{
    private static readonly Version Oldest = new(20, 10);

    public override string Remedy =>
        !options.Endpoint.StartsWith("unix://", StringComparison.Ordinal) ? $"look whether the engine at {options.Endpoint} (DOCKER_HOST) runs, and can be reached from here"
        : File.Exists(options.Endpoint["unix://".Length..]) ? $"`systemctl restart docker`; if this user may not use it: `usermod -aG docker {Environment.UserName}`, and sign in anew"
        : "start Docker: `systemctl enable --now docker`; if it is not installed: https://docs.docker.com/engine/install/";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var version = await engine.ReadVersionAsync(cancellationToken);
        return Leading().Match(version) is { Success: true } number && Version.Parse(number.Value) < Oldest
            ? [Problem($"the engine at {options.Endpoint} is version {version}", "update Docker to 20.10 or newer: https://docs.docker.com/engine/install/")]
            : [Ok($"Docker Engine {version} at {options.Endpoint}")];
    }

    [GeneratedRegex(@"^\d+\.\d+")]
    private static partial Regex Leading();
}

/// <summary>Compose: there, and able to do what Eclusier asks of it.</summary>
public sealed class ComposeCheck(IProcessRunner processes, ICompose compose) : Check("compose")
{
    private static readonly (string Command, string[] Options)[] Needed =
    [
        ("config", ["--format", "--hash"]),
        ("up", ["--detach", "--pull", "--no-build", "--remove-orphans", "--force-recreate"]),
    ];

    private readonly ComposeCommands commands = new(ComposePlugin.Find(Environment.GetEnvironmentVariable));

    public override string Remedy => "install Docker's compose plugin, version 2: `apt-get install docker-compose-plugin`, or https://docs.docker.com/compose/install/linux/";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var version = await compose.ReadVersionAsync(cancellationToken);
        var missing = new List<string>();
        foreach (var (command, options) in Needed)
        {
            var help = (await processes.RunAsync(commands.Help(command) with { TimeLimit = TimeSpan.FromSeconds(10) }, cancellationToken)).StandardOutput;
            missing.AddRange(options.Where(option => !help.Contains(option, StringComparison.Ordinal)).Select(option => $"`{command} {option}`"));
        }

        return missing.Count > 0
            ? [Problem($"Compose {version} does not know {string.Join(", ", missing)}", "update Docker's compose plugin: https://docs.docker.com/compose/install/linux/")]
            : [Ok($"Compose {version}")];
    }
}
