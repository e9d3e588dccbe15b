using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Stacks;

/// <summary>One Compose project that Eclusier keeps in step with git: its source, its Compose inputs, its checks and its policy.</summary>
public sealed record Stack(StackName Name, Source Source)
{
    /// <summary>Where the Compose files are, inside the repository; <c>.</c> is its root. Never absolute, never with <c>..</c>.</summary>
    public string Directory { get; init; } = ".";

    /// <summary>Relative to <see cref="Directory"/>; empty means Compose's own defaults (<c>compose.yaml</c>, <c>docker-compose.yml</c>, with their override files).</summary>
    public IReadOnlyList<string> ComposeFiles { get; init; } = [];

    /// <summary>Relative to <see cref="Directory"/> in the work tree, or absolute; later wins. <c>null</c> means <c>.env</c> there, if any.</summary>
    public IReadOnlyList<string>? EnvFiles { get; init; }

    /// <summary>Variables for Compose; values may hold <c>{branch}</c>, <c>{commit}</c> and <c>{commit7}</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The Compose project's name.</summary>
    public string Project { get; init; } = Name.Value;

    /// <summary>An existing clone to use as work tree (absolute path); <c>null</c> means one of Eclusier's own.</summary>
    public string? Checkout { get; init; }

    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(3);

    public ImagePolicy Images { get; init; } = new();

    /// <summary>By host and port: how registries are reached, where Docker's own configuration is not what counts.</summary>
    public IReadOnlyDictionary<string, RegistryAccess> Registries { get; init; } = new Dictionary<string, RegistryAccess>();

    public HealthPolicy Health { get; init; } = new();

    public FailurePolicy OnFailure { get; init; } = FailurePolicy.Rollback;

    public UnsetVariables UnsetVariables { get; init; } = UnsetVariables.Error;

    public DriftPolicy Drift { get; init; } = DriftPolicy.Heal;

    /// <summary>How many committed releases are kept for rolling back, besides the last known good one and the one before it.</summary>
    public int Retain { get; init; } = 5;

    /// <summary>Names of notifiers.</summary>
    public IReadOnlyList<string> Notify { get; init; } = [];

    /// <summary>Where the state of its commits is shown; <c>null</c>: nowhere.</summary>
    public CommitStatusSettings? CommitStatus { get; init; }

    /// <summary>The secret of those who may say, at the stack's own address, that something was pushed; <c>null</c>: nobody may.</summary>
    public SecretSource? Webhook { get; init; }

    /// <returns><c>null</c>: as Docker itself would.</returns>
    public RegistryAccess? AccessTo(ImageReference image) => Registries.GetValueOrDefault(image.Registry);
}

/// <summary>What is done about images that come late or move.</summary>
public sealed record ImagePolicy
{
    /// <summary>How long an image that the registry does not have yet is waited for.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Services whose tags are followed when they move without a commit; empty: none.</summary>
    public IReadOnlyList<string> Follow { get; init; } = [];

    /// <summary>All services' tags are followed.</summary>
    public bool FollowsAll { get; init; }

    /// <summary>How often followed tags are looked up.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So long after it was first seen a followed tag's new digest is taken.</summary>
    public TimeSpan MinAge { get; init; }

    /// <summary>What labels of images must say before a release is taken; values may hold <c>{branch}</c>, <c>{commit}</c> and <c>{commit7}</c>.</summary>
    public IReadOnlyDictionary<string, string> ExpectedLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>The services whose images must have <see cref="ExpectedLabels"/>; empty: all.</summary>
    public IReadOnlyList<string> ExpectedOn { get; init; } = [];

    public bool Expects(string service) => ExpectedOn.Count == 0 || ExpectedOn.Contains(service);

    public bool FollowsAny => FollowsAll || Follow.Count > 0;

    public bool Follows(string service) => FollowsAll || Follow.Contains(service);
}

/// <summary>What follows a failed release.</summary>
public enum FailurePolicy
{
    /// <summary>Back to the last known good release.</summary>
    Rollback,

    /// <summary>Left as it is, reported.</summary>
    StopAndReport,
}

/// <summary>What an unset variable without a default in a Compose file means.</summary>
public enum UnsetVariables
{
    Error,
    Warn,
}

/// <summary>What is done when the host leaves the release without a git change.</summary>
public enum DriftPolicy
{
    Heal,
    Report,
    Ignore,
}
