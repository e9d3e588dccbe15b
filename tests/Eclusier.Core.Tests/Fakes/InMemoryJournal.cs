using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>A journal that survives the agent's end; each write is one transaction, before or after which the agent may die.</summary>
public sealed class InMemoryJournal(CallLog calls) : IJournal
{
    private readonly Dictionary<StackName, StackState> states = [];
    private readonly List<Deployment> deployments = [];
    private readonly List<ReleaseEntry> releases = [];
    private readonly Dictionary<StackName, int> highest = [];
    private readonly List<Announcement> announcements = [];

    /// <summary>What each write throws, while it is set: the disk is full.</summary>
    public FailureException? Trouble { get; set; }

    /// <summary>What was announced, oldest first.</summary>
    public IReadOnlyList<Announcement> Announcements => announcements;

    /// <summary>What the next write throws, once.</summary>
    public FailureException? NextTrouble { get; set; }

    public StackState ReadState(StackName stack) => Asked(() => StateOf(stack) with { HasOpen = deployments.Any(deployment => deployment.Stack == stack && deployment.IsOpen) });

    public void RecordHead(StackName stack, Head head, DateTimeOffset at)
    {
        if (StateOf(stack).SeenHead != head)
        {
            Write("head", () => states[stack] = StateOf(stack) with { SeenHead = head, SeenSince = at });
        }
    }

    public void RecordCheck(StackName stack, DateTimeOffset at, Head? head, string message, Trouble? trouble, Announcement? announcement = null) => Write("check", () =>
    {
        var state = StateOf(stack);
        var lasts = trouble is not null && trouble.Kind == state.Trouble?.Kind;
        states[stack] = state with
        {
            LastCheckAt = at,
            LastCheckMessage = message,
            SeenHead = head ?? state.SeenHead,
            Trouble = lasts ? trouble! with { Since = state.Trouble!.Since, Attempts = state.Trouble.Attempts + 1 } : trouble,
        };
        Queue(announcement);
    });

    public void RecordNextCheck(StackName stack, DateTimeOffset at) => Write("next check", () => states[stack] = StateOf(stack) with { NextCheckAt = at });

    public void Suspend(StackName stack, string reason, DateTimeOffset at, Announcement? announcement = null) => Write("suspend", () =>
    {
        states[stack] = StateOf(stack) with { Suspension = new Suspension(reason, at) };
        Queue(announcement);
    });

    public void Resume(StackName stack, Announcement? announcement = null) => Write("resume", () =>
    {
        states[stack] = StateOf(stack) with { Suspension = null };
        Queue(announcement);
    });

    public void Settle(StackName stack, string? key) => Write(key is null ? "unsettle" : "settle", () => states[stack] = StateOf(stack) with { SettledKey = key });

    public void RecordDrift(StackName stack, DriftState? drift, Announcement? announcement = null) => Write("drift", () =>
    {
        states[stack] = StateOf(stack) with { Drift = drift };
        Queue(announcement);
    });

    public void RecordFollowedDigests(StackName stack, string digests, DateTimeOffset at) =>
        Write("followed digests", () => states[stack] = StateOf(stack) with { FollowedDigests = digests, FollowedAt = at });

    public void RecordLoadedFiles(StackName stack, string loaded) => Write("loaded files", () => states[stack] = StateOf(stack) with { LoadedFiles = loaded });

    public void RecordYoungImages(StackName stack, string images) => Write("young images", () => states[stack] = StateOf(stack) with { YoungImages = images });

    public Deployment Open(StackName stack, Cause cause, string causeDetail, CommitId commit, int? previous, DateTimeOffset at)
    {
        var deployment = new Deployment { Id = deployments.Count + 1, Stack = stack, Cause = cause, CauseDetail = causeDetail, Commit = commit, Previous = previous, StartedAt = at, SettledBefore = StateOf(stack).SettledKey };
        Write($"open {commit.Short}", () =>
        {
            if (deployments.Any(other => other.Stack == stack && other.IsOpen))
            {
                throw new InvalidOperationException($"{stack} has an open deployment; a stack has one at a time");
            }

            deployments.Add(deployment);
        });
        return deployment;
    }

    public void RecordSubject(long deployment, string subject, string author) => Change("subject", deployment, open => open with { Subject = subject, Author = author });

    public void RecordRelease(long deployment, Release release) => Write($"record {release}", () =>
    {
        var number = RecordOrFind(release);
        ReplaceOpen(deployment, open => open with { Release = number });
    });

    public int NextReleaseNumber(StackName stack) => Asked(() => highest.GetValueOrDefault(stack) + 1);

    public void ForgetSteps(long deployment) => Change("forget steps", deployment, open => open with { Steps = [] });

    public void BeginStep(long deployment, Step step, DateTimeOffset at) =>
        Change($"begin {step.ToWord()}", deployment, open => open with { Steps = [.. open.Steps, new StepRecord(step, at, null, null, "")] });

    public void EndStep(long deployment, Step step, bool succeeded, string detail, DateTimeOffset at) => Change($"end {step.ToWord()}", deployment, open =>
    {
        var steps = open.Steps.ToList();
        var newest = steps.FindLastIndex(record => record.Step == step);
        if (newest < 0 || steps[newest].EndedAt is not null)
        {
            throw new InvalidOperationException($"step {step} of deployment {deployment} has not begun, or has ended");
        }

        steps[newest] = steps[newest] with { EndedAt = at, Succeeded = succeeded, Detail = detail };
        return open with { Steps = steps };
    });

    public int CountStart(long deployment)
    {
        Change("count start", deployment, open => open with { Starts = open.Starts + 1 });
        return Find(deployment).Starts;
    }

    public void RecordBaseline(long deployment, Baseline baseline) => Change("baseline", deployment, open => open with { Baseline = baseline });

    public void RecordFailure(long deployment, Failure failure) => Change("failure", deployment, open => open with { Reason = failure.Message, Evidence = [.. failure.Evidence] });

    public int CountRecovery(long deployment)
    {
        Change("count recovery", deployment, open => open with { Recoveries = open.Recoveries + 1 });
        return Find(deployment).Recoveries;
    }

    public void RecordOrderlyStop(long deployment) => Change("orderly stop", deployment, open => open with
    {
        Recoveries = Math.Max(open.Recoveries - 1, 0),
        Starts = open.LastStep is { Step: Step.Apply, EndedAt: null } ? Math.Max(open.Starts - 1, 0) : open.Starts,
    });

    public void RecordBoot(StackName stack, string bootId) => Write("boot", () => states[stack] = StateOf(stack) with { BootId = bootId });

    public void Close(long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change, DateTimeOffset at, Announcement? announcement) => Write($"close {result.ToWord()}", () =>
    {
        var stack = Find(deployment).Stack;
        if (!Find(deployment).IsOpen)
        {
            return; // the first result counts
        }

        ChangeStack(stack, change, reason, at);
        ReplaceOpen(deployment, open => open with { Result = result, Reason = reason, Evidence = [.. evidence], Baseline = null, EndedAt = at });
        Queue(announcement);
    });

    public void Adopt(Release release, DateTimeOffset at) => Write($"adopt {release}", () =>
    {
        var number = RecordOrFind(release);
        ChangeStack(release.Stack, new StackChange { Commit = number, LastKnownGood = number }, "", at);
    });

    public void Rebuild(IReadOnlyList<RebuiltStack> stacks, DateTimeOffset at, Announcement announcement) => Write("rebuild", () =>
    {
        foreach (var stack in stacks)
        {
            foreach (var (release, committedAt) in stack.Releases)
            {
                var number = RecordOrFind(release);
                ChangeStack(stack.Stack, new StackChange { Commit = committedAt is null ? null : number }, "", committedAt ?? at);
            }

            highest[stack.Stack] = Math.Max(highest.GetValueOrDefault(stack.Stack), stack.HighestNumber);
            states[stack.Stack] = StateOf(stack.Stack) with { Suspension = new Suspension(stack.SuspendedBecause, at) };
        }

        Queue(announcement);
    });

    public void Recognise(StackName stack, int release, DateTimeOffset at) =>
        Write($"recognise #{release}", () => ChangeStack(stack, new StackChange { Commit = release, LastKnownGood = release, Applied = release }, "", at));

    /// <summary>All that was written is gone, as when the file is.</summary>
    public void Forget()
    {
        states.Clear();
        deployments.Clear();
        releases.Clear();
        highest.Clear();
        announcements.Clear();
    }

    public void FreeFromQuarantine(StackName stack, int release) =>
        Write("free", () => Replace(stack, release, entry => entry with { QuarantinedAt = null, QuarantineReason = "" }));

    public void Announce(Announcement announcement) => Write("announce", () => Queue(announcement));

    public bool WasTold(string cause) => Asked(() => announcements.Any(announcement => announcement.Cause == cause));

    public Deployment? FindOpen(StackName stack) => Asked(() => deployments.SingleOrDefault(deployment => deployment.Stack == stack && deployment.IsOpen));

    public Deployment? FindDeployment(long id) => Asked(() => deployments.SingleOrDefault(deployment => deployment.Id == id));

    public TrialEnd? FindLastTrial(StackName stack, int among) =>
        ReadDeployments(stack, among).FirstOrDefault(deployment => deployment.HasTouchedTheHost || deployment is { Result: DeploymentResult.Failed, Cause: Cause.Drift }) is { } last
            ? new TrialEnd(last.Cause, last.Result, last.EndedAt)
            : null;

    public IReadOnlyList<Deployment> ReadDeployments(StackName? stack, int limit, DateTimeOffset? since = null) => Asked(() => deployments
        .Where(deployment => (stack is null || deployment.Stack == stack) && (since is null || deployment.StartedAt >= since))
        .OrderByDescending(deployment => deployment.StartedAt).ThenByDescending(deployment => deployment.Id).Take(limit).ToList());

    public IReadOnlyList<ReleaseEntry> ReadReleases(StackName stack) => Asked(() => releases.Where(entry => entry.Stack == stack).OrderByDescending(entry => entry.Number).ToList());

    public ReleaseEntry? FindRelease(StackName stack, int number) => Asked(() => releases.SingleOrDefault(entry => entry.Stack == stack && entry.Number == number));

    public ReleaseEntry? FindRelease(StackName stack, string id) => Asked(() => releases.SingleOrDefault(entry => entry.Stack == stack && entry.Id == id));

    private int RecordOrFind(Release release)
    {
        if (releases.SingleOrDefault(entry => entry.Stack == release.Stack && entry.Id == release.Id) is { } known)
        {
            return known.Number;
        }

        if (releases.Any(entry => entry.Stack == release.Stack && entry.Number == release.Number))
        {
            throw new InvalidOperationException($"number {release.Number} of {release.Stack} is taken by another release");
        }

        releases.Add(new ReleaseEntry(release.Stack, release.Number, release.Id, release.ModelHash, release.Revision?.Commit, release.Revision?.Subject ?? "", release.PreparedAt) { Author = release.Revision?.Author ?? "" });
        highest[release.Stack] = Math.Max(highest.GetValueOrDefault(release.Stack), release.Number);
        return release.Number;
    }

    private void ChangeStack(StackName stack, StackChange change, string reason, DateTimeOffset at)
    {
        if (change.Commit is { } passed)
        {
            Replace(stack, passed, entry => entry with { CommittedAt = entry.CommittedAt ?? at });
        }

        if (change.Quarantine is { } failed)
        {
            Replace(stack, failed, entry => entry with { QuarantinedAt = at, QuarantineReason = reason });
        }

        var state = StateOf(stack);
        states[stack] = state with
        {
            LastKnownGood = change.LastKnownGood ?? state.LastKnownGood,
            Applied = change.Applied ?? state.Applied,
            SettledKey = change.SettledKey ?? state.SettledKey,
            Suspension = change.Suspend is { } because ? new Suspension(because, at) : state.Suspension,
        };
    }

    private void Replace(StackName stack, int release, Func<ReleaseEntry, ReleaseEntry> change)
    {
        var index = releases.FindIndex(entry => entry.Stack == stack && entry.Number == release);
        releases[index >= 0 ? index : throw new InvalidOperationException($"{stack} has no release #{release}")] = change(releases[index]);
    }

    private void ReplaceOpen(long deployment, Func<Deployment, Deployment> change)
    {
        var index = deployments.FindIndex(candidate => candidate.Id == deployment && candidate.IsOpen);
        deployments[index >= 0 ? index : throw new InvalidOperationException($"deployment {deployment} is not open")] = change(deployments[index]);
    }

    private Deployment Find(long deployment) => deployments.SingleOrDefault(candidate => candidate.Id == deployment) ?? throw new InvalidOperationException($"there is no deployment {deployment}");

    private void Queue(Announcement? announcement)
    {
        if (announcement is not null && !announcements.Any(other => other.Cause == announcement.Cause))
        {
            announcements.Add(announcement);
        }
    }

    private StackState StateOf(StackName stack) => states.GetValueOrDefault(stack) ?? new StackState(stack);

    private void Change(string what, long deployment, Func<Deployment, Deployment> change) => Write(what, () => ReplaceOpen(deployment, change));

    private void Write(string what, Action change) => calls.Do($"journal: {what}", () =>
    {
        var trouble = NextTrouble ?? Trouble;
        NextTrouble = null;
        if (trouble is not null)
        {
            throw trouble;
        }

        change();
    });

    private T Asked<T>(Func<T> answer)
    {
        calls.Ask();
        return answer();
    }
}
