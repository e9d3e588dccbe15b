using System.Text.Json.Nodes;
using Eclusier.Adapters.Compose;
using Eclusier.Adapters.Configuration;
using Eclusier.Adapters.Git;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Proposals;

/// <summary>Proposes a configuration for what is on the host: a clone and, if it runs, its Compose project. Reads no secret and changes nothing.</summary>
public sealed class Proposer(CloneReader clones, DockerEngine.DockerEngine engine, ComposeProgram compose, ISourceReader sources, Func<string, string?> environmentVariable)
{
    private readonly List<string> notes = [];

    /// <exception cref="FailureException">Rejected: there is nothing to make it of, something must be decided first, or a setting is wrong.</exception>
    public async Task<Proposal> CreateAsync(ProposalRequest request, CancellationToken cancellationToken)
    {
        var projects = await FindProjectsAsync(request.Project is not null, cancellationToken);
        var named = request.Project is null ? null : projects.FirstOrDefault(project => project.Project == request.Project)
            ?? throw FailureException.Rejected($"no Compose project '{request.Project}' is running; running: {(projects.Count == 0 ? "none" : string.Join(", ", projects.Select(project => project.Project)))}");
        var directory = Path.GetFullPath(request.Directory ?? named?.WorkingDirectory ?? ".");
        if (!Directory.Exists(directory))
        {
            throw FailureException.Rejected($"there is no folder {directory}");
        }

        var clone = await clones.ReadAsync(directory, cancellationToken);
        var running = named ?? new Surroundings(request, clone, directory).ChooseProject(projects);
        if (running is not null && Path.GetRelativePath(clone.Root, running.WorkingDirectory).StartsWith("..", StringComparison.Ordinal))
        {
            throw FailureException.Rejected($"project {running.Project} runs from {running.WorkingDirectory}, which is not in the clone {clone.Root}");
        }

        var folder = running is not null ? Path.GetRelativePath(clone.Root, running.WorkingDirectory) : new Surroundings(request, clone, directory).ChooseFolder();
        var draft = Begin(request, clone, running, folder);
        await new ProjectReader(compose, engine, notes).DescribeAsync(draft, clone, running, folder, cancellationToken);
        Decide(draft, request);
        await CheckAccessAsync(draft, request, clone, cancellationToken);
        var origin = running is null ? clone.Root : $"{clone.Root} and the running project {running.Project}";
        Read(draft.ToText(origin), request);
        return new Proposal(draft.Name, draft.ToText(origin), draft.ToStackText(), notes);
    }

    private async Task<IReadOnlyList<RunningProject>> FindProjectsAsync(bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.ReadProjectsAsync(cancellationToken);
        }
        catch (FailureException exception) when (!isNeeded)
        {
            notes.Add($"whether the project runs could not be seen: {exception.Message}");
            return [];
        }
    }

    private ConfigurationDraft Begin(ProposalRequest request, Clone clone, RunningProject? running, string folder)
    {
        var name = request.Setting("name") ?? Surroundings.NameOf(clone.Remote);
        var draft = new ConfigurationDraft(StackName.TryParse(name, out _) ? name
            : throw FailureException.Rejected($"'{name}' cannot be a stack's name: lower-case letters, digits, '-' and '_', beginning with a letter or digit; give one with `--set name=…`"));
        draft.Set("repository", clone.Remote);
        if (clone.HadPassword)
        {
            notes.Add("the clone's remote holds a user name or password; it was left out: put the token into a file that only root can read, and name it under `auth`");
        }

        draft.Set("branch", request.Setting("branch") ?? clone.Branch ?? Surroundings.Ask(request, $"{clone.Root} is at no branch. Which one is to be followed?", "branch"));
        if (folder != ".")
        {
            draft.Set("directory", folder, "where the Compose files are");
        }

        draft.Set("checkout", clone.Root, "this clone: .env, data and bind mounts stay");
        if (running is not null && running.Project != draft.Name)
        {
            draft.Set("project", running.Project, "as the running containers are called");
        }

        return draft;
    }

    private static void Decide(ConfigurationDraft draft, ProposalRequest request)
    {
        foreach (var (key, value) in request.Settings.Where(setting => setting.Key != "name"))
        {
            if (key == "state_dir")
            {
                draft.StateDirectory = value;
            }
            else
            {
                draft.Set(key, value);
            }
        }
    }

    /// <summary>Asks the server, as the daemon will; who is refused needs credentials.</summary>
    private async Task CheckAccessAsync(ConfigurationDraft draft, ProposalRequest request, Clone clone, CancellationToken cancellationToken)
    {
        var stack = Read(draft.ToText(""), request).Stacks[0];
        try
        {
            await sources.ReadHeadAsync(stack.Source, cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is not FailureKind.Rejected)
        {
            notes.Add($"whether the repository needs credentials could not be seen: {exception.Message}");
        }
        catch (FailureException exception) when (stack.Source.Credential is not null || !GitFailures.IsAboutAccess(exception.Failure))
        {
            notes.Add($"the repository cannot be read so: {exception.Message}");
        }
        catch (FailureException exception)
        {
            AskForCredentials(draft, request, clone, exception.Message);
        }
    }

    private void AskForCredentials(ConfigurationDraft draft, ProposalRequest request, Clone clone, string refusal)
    {
        var isHttp = new GitAddress(clone.Remote).HttpOrigin is not null;
        var (key, example) = isHttp ? ("auth.token_file", $"/etc/eclusier/{draft.Name}.token") : ("auth.ssh_key_file", $"/etc/eclusier/{draft.Name}.key");
        var file = request.Ask?.Invoke($"The repository cannot be read without credentials. A file with {(isHttp ? "an access token" : "an SSH private key")} (empty: later): ") ?? "";
        if (file.Length > 0)
        {
            draft.Set(key, Path.GetFullPath(file));
            Read(draft.ToText(""), request); // a file that is not there is told now
            return;
        }

        draft.Remark(isHttp
            ? [$"auth: {{ token_file: {example} }}   # the repository is not readable without: put a token there, then take out the #"]
            : [$"auth: {{ ssh_key_file: {example}, known_hosts_file: /etc/eclusier/known_hosts }}   # not readable without: a deploy key, and `ssh-keyscan HOST`; then take out the #"]);
        notes.Add($"the repository asks for credentials ({refusal}): see `auth` in the file, which is commented out until they are there");
    }

    private AgentSettings Read(string text, ProposalRequest request)
    {
        var read = ConfigurationLoader.Parse(text, request.ConfigurationFile, environmentVariable);
        return read.Settings ?? throw FailureException.Rejected($"the configuration would not be valid:\n{string.Join('\n', read.Problems)}");
    }
}
