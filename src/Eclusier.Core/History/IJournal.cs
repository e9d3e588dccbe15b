using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.History;

/// <summary>The only authority on what was decided: every method is one durable transaction when it returns.</summary>
public interface IJournal
{
    StackState ReadState(StackName stack);

    /// <summary>What the source points to, as soon as it is known: a deployment of it may take long.</summary>
    /// <param name="at">Since when, when it is another one than before.</param>
    void RecordHead(StackName stack, Head head, DateTimeOffset at);

    /// <summary>A check was made: when, what the source pointed to (<c>null</c>: it was not told), what came of it, what troubles it now (<c>null</c>: nothing).</summary>
    /// <remarks>A trouble keeps its <see cref="Trouble.Since"/> for as long as the same kind lasts.</remarks>
    void RecordCheck(StackName stack, DateTimeOffset at, Head? head, string message, Trouble? trouble, Announcement? announcement = null);

    void RecordNextCheck(StackName stack, DateTimeOffset at);

    void Suspend(StackName stack, string reason, DateTimeOffset at, Announcement? announcement = null);

    void Resume(StackName stack, Announcement? announcement = null);

    /// <summary>What the stack was last settled on: a pass that finds the same has nothing to do. <c>null</c> forgets it.</summary>
    void Settle(StackName stack, string? key);

    /// <summary>How the host differs from the last known good release; <c>null</c>: it does not.</summary>
    void RecordDrift(StackName stack, DriftState? drift, Announcement? announcement = null);

    /// <summary>The digests that followed tags pointed to when last looked up.</summary>
    void RecordFollowedDigests(StackName stack, string digests, DateTimeOffset at);

    /// <summary>What followed tags moved to and is not taken yet, with when it was first seen.</summary>
    void RecordYoungImages(StackName stack, string images);

    /// <summary>What the containers of services that are told by a signal have loaded of the files they mount. Durable at once: files are moved after it.</summary>
    void RecordLoadedFiles(StackName stack, string loaded);

    /// <summary>Writes a deployment's first row, before anything is done.</summary>
    Deployment Open(StackName stack, Cause cause, string causeDetail, CommitId commit, int? previous, DateTimeOffset at);

    /// <summary>The revision was fetched.</summary>
    void RecordSubject(long deployment, string subject, string author);

    /// <summary>The deployment got a release: a new one is numbered and recorded, an equal one (same id) is found.</summary>
    void RecordRelease(long deployment, Release release);

    /// <summary>The number that the next new release of the stack gets. <c>#0</c> is never given.</summary>
    int NextReleaseNumber(StackName stack);

    /// <summary>Forgets the steps of a deployment that touched nothing yet: it begins anew, and its tries would pile up.</summary>
    void ForgetSteps(long deployment);

    void BeginStep(long deployment, Step step, DateTimeOffset at);

    void EndStep(long deployment, Step step, bool succeeded, string detail, DateTimeOffset at);

    /// <summary>Applying begins (again): returns how often it has, this time included.</summary>
    int CountStart(long deployment);

    /// <summary>What was so before the release is applied: another agent may have to judge it.</summary>
    void RecordBaseline(long deployment, Baseline baseline);

    /// <summary>Why the release is given up, before going back begins.</summary>
    void RecordFailure(long deployment, Failure failure);

    /// <summary>A new agent takes it up: returns how often one has, this time included.</summary>
    int CountRecovery(long deployment);

    /// <summary>The agent stops because it was told to: neither this start nor an unfinished applying is held against the release.</summary>
    void RecordOrderlyStop(long deployment);

    /// <summary>Since the host started (its boot id), the stack's containers had their time to come up.</summary>
    void RecordBoot(StackName stack, string bootId);

    /// <summary>Closes a deployment, changes the stack with it and queues what is told of it, in one transaction. A deployment is closed once: a second call changes nothing.</summary>
    /// <param name="announcement">What <see cref="DeploymentRecorder.Close"/> puts together; <c>null</c>: nobody is told.</param>
    void Close(long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change, DateTimeOffset at, Announcement? announcement);

    /// <summary>Records a release that was taken over from a running project (#0) and makes it last known good.</summary>
    void Adopt(Release release, DateTimeOffset at);

    /// <summary>The journal has lost its memory: writes down what is known all the same, suspends the stacks and tells it, in one transaction.</summary>
    void Rebuild(IReadOnlyList<RebuiltStack> stacks, DateTimeOffset at, Announcement announcement);

    /// <summary>The host was found to run a release, exactly: it is last known good.</summary>
    void Recognise(StackName stack, int release, DateTimeOffset at);

    /// <summary>Frees a release from quarantine.</summary>
    void FreeFromQuarantine(StackName stack, int release);

    /// <summary>Queues what is told, unless its cause was told before.</summary>
    void Announce(Announcement announcement);

    /// <summary>Whether something was announced for this cause.</summary>
    bool WasTold(string cause);

    Deployment? FindOpen(StackName stack);

    Deployment? FindDeployment(long id);

    /// <summary>The newest deployment that touched the host, or that was to put drift right and failed.</summary>
    /// <param name="among">So many of the newest are looked at.</param>
    TrialEnd? FindLastTrial(StackName stack, int among);

    /// <summary>Newest first, with their steps.</summary>
    IReadOnlyList<Deployment> ReadDeployments(StackName? stack, int limit, DateTimeOffset? since = null);

    /// <summary>Newest first.</summary>
    IReadOnlyList<ReleaseEntry> ReadReleases(StackName stack);

    ReleaseEntry? FindRelease(StackName stack, int number);

    ReleaseEntry? FindRelease(StackName stack, string id);
}

/// <summary>How a deployment ended.</summary>
/// <param name="Result"><c>null</c> while it is open.</param>
public sealed record TrialEnd(Cause Cause, DeploymentResult? Result, DateTimeOffset? EndedAt);

/// <summary>What is remembered of a stack.</summary>
public sealed record StackState(StackName Stack)
{
    public Suspension? Suspension { get; init; }

    /// <summary>The newest release that passed gate and soak, or that a person went back to.</summary>
    public int? LastKnownGood { get; init; }

    /// <summary>The release that was applied last, with success or not; <c>null</c> when none ever was.</summary>
    public int? Applied { get; init; }

    public string? SettledKey { get; init; }

    public Head? SeenHead { get; init; }

    /// <summary>When <see cref="SeenHead"/> was first seen; <c>null</c>: by an older agent.</summary>
    public DateTimeOffset? SeenSince { get; init; }

    public string? FollowedDigests { get; init; }

    public DateTimeOffset? FollowedAt { get; init; }

    /// <summary>As <see cref="Images.YoungImage.Parse"/> reads it.</summary>
    public string? YoungImages { get; init; }

    /// <summary>As <see cref="Applying.LoadedFiles.Parse"/> reads it.</summary>
    public string? LoadedFiles { get; init; }

    /// <summary>The host's boot id when the stack's containers were last known to have had their time to come up.</summary>
    public string? BootId { get; init; }

    public DateTimeOffset? LastCheckAt { get; init; }

    public string LastCheckMessage { get; init; } = "";

    public DateTimeOffset? NextCheckAt { get; init; }

    public Trouble? Trouble { get; init; }

    /// <summary>How the host differs from the last known good release, as last seen.</summary>
    public DriftState? Drift { get; init; }

    /// <summary>A deployment of it is open: <see cref="IJournal.FindOpen"/> tells which.</summary>
    public bool HasOpen { get; init; }

    public bool IsSuspended => Suspension is not null;
}

/// <summary>Why a stack is not deployed, since when.</summary>
public sealed record Suspension(string Reason, DateTimeOffset At);

/// <summary>The host left the release without a git change: how, and since when it is known.</summary>
public sealed record DriftState(string Message, DateTimeOffset Since);

/// <summary>What keeps a stack from its desired state.</summary>
/// <param name="Until">The deadline of a wait, or <c>null</c>.</param>
public sealed record Trouble(FailureKind Kind, string Message, DateTimeOffset Since, DateTimeOffset? Until = null)
{
    /// <summary>How many passes in a row ended so.</summary>
    public int Attempts { get; init; } = 1;
}

/// <summary>What the closing of a deployment changes about its stack; <c>null</c> leaves a value as it is.</summary>
public sealed record StackChange
{
    public int? LastKnownGood { get; init; }

    public int? Applied { get; init; }

    public string? SettledKey { get; init; }

    /// <summary>The release to put in quarantine, with the closing's reason.</summary>
    public int? Quarantine { get; init; }

    /// <summary>Why the stack is suspended with it.</summary>
    public string? Suspend { get; init; }

    /// <summary>The release passed: it gets its committed time.</summary>
    public int? Commit { get; init; }
}

/// <summary>What the journal remembers of a release; the rest is in its folder.</summary>
public sealed record ReleaseEntry(StackName Stack, int Number, string Id, string ModelHash, CommitId? Commit, string Subject, DateTimeOffset PreparedAt)
{
    public string Author { get; init; } = "";

    public DateTimeOffset? CommittedAt { get; init; }

    public DateTimeOffset? QuarantinedAt { get; init; }

    public string QuarantineReason { get; init; } = "";

    public bool IsQuarantined => QuarantinedAt is not null;

    public bool IsCommitted => CommittedAt is not null;
}
