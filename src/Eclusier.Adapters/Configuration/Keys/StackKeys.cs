using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>stacks.&lt;name&gt;</c>.</summary>
internal static class StackKeys
{
    public static readonly Key<RepositoryAddress> Repository = new("repository", new RepositoryFormat())
    {
        IsRequired = true,
        Description = """
            The git repository: an `https://`, `http://`, `ssh://`, `git://` or `file://` URL, `user@host:path`, or an absolute path of this host. It
            never holds a password; that goes under `auth`.
            """,
        Example = "repository: https://github.com/gilmry/koprogo.git",
    };

    public static readonly Key<SourceCredential> Auth = new("auth", AuthKeys.Group)
    {
        Description = "How to sign in to a private repository: an access token for `https://`, or an SSH key for `ssh://`. Leave it out for a public one.",
    };

    public static readonly Key<string> Branch = new("branch", Names.BranchFormat())
    {
        Description = "Follow the tip of this branch. Of `branch`, `tag` and `commit` only one can be given.",
        Otherwise = "`main`, when neither `tag` nor `commit` is given",
        Example = "branch: production",
    };

    public static readonly Key<string> Tag = new("tag", Names.TagFormat())
    {
        Description = """
            Follow the newest semantic version among the tags that match this pattern, in which `*` stands for any characters and `?` for one.
            """,
        Example = "tag: \"v*\"",
    };

    public static readonly Key<string> Commit = new("commit", Names.CommitFormat())
    {
        Description = "Stay at this one commit, given by its full hash.",
        Example = "commit: 1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e",
    };

    public static readonly DefaultedKey<string> Directory = new("directory", new RepositoryFolderFormat(), ".")
    {
        Description = "Where the Compose files are, inside the repository.",
        Example = "directory: deploy/production",
    };

    public static readonly DefaultedKey<IReadOnlyList<Located<string>>> ComposeFiles = new(
        "compose_files", new ListFormat<Located<string>>("files", new LocatedFormat<string>(new TextFormat("a file relative to 'directory'"))), "[]")
    {
        Description = """
            The Compose files, relative to `directory`; later ones override earlier ones. An empty list means what Compose itself looks for:
            `compose.yaml` or `docker-compose.yml`, with its override file.
            """,
        Example = "compose_files: [docker-compose.yml, docker-compose.production.yml]",
    };

    public static readonly Key<IReadOnlyList<string>> EnvFiles = new("env_files", new ListFormat<string>("files", new TextFormat("a file")))
    {
        Description = """
            Files with variables for the Compose files, relative to `directory` in the work tree, or absolute. They may be files of the repository
            or of this host. Later ones win; `environment` wins over all of them. `[]` means none.
            """,
        Otherwise = "`.env` in that directory, if there is one",
        Example = "env_files: [.env, /etc/eclusier/shop.env]",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, string>>> Variables = new(
        "environment",
        new MapFormat<string>(
            "the name of a variable (letters, digits and '_')",
            "variables and their values",
            Names.Variable(),
            new EnvironmentValueFormat { MayBeEmpty = true, MayHaveLines = true, IsSensitive = true })
        { KeyCheck = ReservedComplaint },
        "{}")
    {
        Description = """
            Variables for the Compose files. A value may hold `{branch}`, `{commit}` and `{commit7}` (its first 7 characters). Eclusier itself adds
            `ECLUSIER_STACK`, `ECLUSIER_BRANCH`, `ECLUSIER_COMMIT` and `ECLUSIER_COMMIT_SHORT`. Compose sees nothing else: the agent's own
            environment is not passed on, but a value can take from it with `${NAME}`.
            """,
        Example = "environment: { IMAGE_TAG: \"main-{commit7}\" }",
    };

    public static readonly DefaultedKey<IReadOnlyList<string>> Profiles = new("profiles", new ListFormat<string>("profiles", Names.ProfileFormat()), "[]")
    {
        Description = "Compose profiles that are active.",
        Example = "profiles: [monitoring]",
    };

    public static readonly Key<string> Project = new("project", new TextFormat("a Compose project name (lower-case letters, digits, '-' and '_')", Names.Project()))
    {
        Description = "The name of the Compose project. To adopt containers that already run, give their project's name; two stacks cannot share one.",
        Otherwise = "the stack's name",
        Example = "project: koprogo",
    };

    public static readonly Key<string> Checkout = new("checkout", new AbsolutePathFormat())
    {
        Description = """
            An existing clone to use as the stack's work tree, so that its bind mounts and its `.env` stay where they are. Tracked files are moved to
            each release; untracked files are never touched. Two stacks cannot share one.
            """,
        Otherwise = "`stacks/<name>/work` in `state_dir`",
        Example = "checkout: /home/koprogo/koprogo",
    };

    public static readonly Key<TimeSpan> Interval = new("interval", new DurationFormat("1s", "30d"))
    {
        Description = "How often the repository is asked for something new.",
        Otherwise = "the `interval` at the top of the file",
        Example = "interval: 30s",
    };

    public static readonly DefaultedKey<ImagePolicy> Images = new("images", ImageKeys.Group, "{}")
    {
        Description = "What is done about images that come late or move.",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, RegistryAccess>>> Registries = new(
        "registries", new MapFormat<RegistryAccess>("a registry's host, with its port if it has one", "registries and how they are reached", RegistryKeys.Host(), RegistryKeys.Group), "{}")
    {
        Description = """
            How this stack reaches a private registry, by its host as image names begin (`ghcr.io`, `registry.lan:5000`; `docker.io` for Docker Hub).
            Registries that are not named here are reached with what Docker itself knows: `docker login`, credential helpers.
            """,
    };

    public static readonly DefaultedKey<HealthPolicy> Health = new("health", HealthKeys.Group, "{}")
    {
        Description = "When a release counts as healthy.",
    };

    public static readonly DefaultedKey<FailurePolicy> OnFailure = new(
        "on_failure", new ChoiceFormat<FailurePolicy>(("rollback", FailurePolicy.Rollback), ("stop-and-report", FailurePolicy.StopAndReport)), "rollback")
    {
        Description = """
            What follows a release that failed. `rollback` goes back to the last known good release and verifies it; `stop-and-report` leaves
            everything as it is, for a person to look at. Either way the failed release is not tried again until it changes.
            """,
        Example = "on_failure: stop-and-report",
    };

    public static readonly DefaultedKey<UnsetVariables> Unset = new(
        "unset_variables", new ChoiceFormat<UnsetVariables>(("error", UnsetVariables.Error), ("warn", UnsetVariables.Warn)), "error")
    {
        Description = "What a variable without value and without default in a Compose file means: an `error`, or, with `warn`, Compose's blank.",
        Example = "unset_variables: warn",
    };

    public static readonly DefaultedKey<HistoryRule> History = new(
        "history", new ChoiceFormat<HistoryRule>(("rewrite-allowed", HistoryRule.RewriteAllowed), ("fast-forward-only", HistoryRule.FastForwardOnly)), "rewrite-allowed")
    {
        Description = "What is done about a commit that does not descend from the deployed one, as after a force-push: follow it with a warning, or reject it.",
        Example = "history: fast-forward-only",
    };

    public static readonly DefaultedKey<DriftPolicy> Drift = new(
        "drift", new ChoiceFormat<DriftPolicy>(("heal", DriftPolicy.Heal), ("report", DriftPolicy.Report), ("ignore", DriftPolicy.Ignore)), "heal")
    {
        Description = """
            What is done when the host leaves the release without a git change: a container was stopped, removed, renamed or replaced, a network or
            volume is gone, a tracked file of the work tree was edited. `heal` puts the release back, through the same gate as a deployment, 2 s
            after it was seen and later each time it leaves again (up to 5 min); `report` says it once; `ignore` does not look. A suspended stack
            is not healed. Volumes that are gone come back empty.
            """,
        Example = "drift: report",
    };

    public static readonly DefaultedKey<int> Retain = new("retain", new WholeNumberFormat(0, 1000), "5")
    {
        Description = "How many committed releases are kept, with their images, besides the last known good one and the one before it.",
        Example = "retain: 10",
    };

    public static readonly DefaultedKey<IReadOnlyList<Located<string>>> Notify = new(
        "notify", new ListFormat<Located<string>>("notifiers", new LocatedFormat<string>(new TextFormat("the name of a notifier"))), "[]")
    {
        Description = "Who is told about this stack: names from `notifiers`.",
        Example = "notify: [ops]",
    };

    public static readonly Key<CommitStatusSettings> CommitStatus = new("commit_status", CommitStatusKeys.Group)
    {
        Description = "Shows at the forge, beside each commit, that it is being deployed, was deployed, or was rolled back.",
        Otherwise = "nothing is shown",
    };

    public static readonly Key<SecretSource> Webhook = new("webhook", WebhookKeys.OwnGroup)
    {
        Description = """
            Lets a forge or a registry say at `POST /hooks/<stack>` that something was pushed: the stack is looked at now instead of at the next interval.
            What the webhook says decides nothing else. Step by step for each sender: docs/webhooks.md.
            """,
        Otherwise = "no webhook is taken for it",
    };

    public static readonly Group<StackEntry> Group = new(
        "a stack",
        [
            Repository, Auth, Branch, Tag, Commit, Directory, ComposeFiles, EnvFiles, Variables, Profiles, Project, Checkout, Interval, Images, Registries, Health,
            OnFailure, Unset, History, Drift, Retain, Notify, CommitStatus, Webhook,
        ],
        [new KeyRule.OneOf(IsRequired: false, Branch, Tag, Commit)],
        StackEntry.Build);

    private static string? ReservedComplaint(string name) =>
        name is "ECLUSIER_STACK" or "ECLUSIER_BRANCH" or "ECLUSIER_COMMIT" or "ECLUSIER_COMMIT_SHORT" ? "is set by Eclusier itself" : null;
}
