using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.CrashPoints;

/// <summary>A journal with a crash point before and after each write; reading has none: it leaves nothing behind.</summary>
internal sealed class CrashingJournal(IJournal journal, CrashPoint point) : IJournal
{
    public StackState ReadState(StackName stack) => journal.ReadState(stack);

    public void RecordHead(StackName stack, Head head, DateTimeOffset at) => point.Around("journal.head", () => journal.RecordHead(stack, head, at));

    public void RecordCheck(StackName stack, DateTimeOffset at, Head? head, string message, Trouble? trouble, Announcement? announcement = null) =>
        point.Around("journal.check", () => journal.RecordCheck(stack, at, head, message, trouble, announcement));

    public void RecordNextCheck(StackName stack, DateTimeOffset at) => point.Around("journal.next-check", () => journal.RecordNextCheck(stack, at));

    public void Suspend(StackName stack, string reason, DateTimeOffset at, Announcement? announcement = null) =>
        point.Around("journal.suspend", () => journal.Suspend(stack, reason, at, announcement));

    public void Resume(StackName stack, Announcement? announcement = null) => point.Around("journal.resume", () => journal.Resume(stack, announcement));

    public void Settle(StackName stack, string? key) => point.Around("journal.settle", () => journal.Settle(stack, key));

    public void RecordDrift(StackName stack, DriftState? drift, Announcement? announcement = null) =>
        point.Around("journal.drift", () => journal.RecordDrift(stack, drift, announcement));

    public void RecordFollowedDigests(StackName stack, string digests, DateTimeOffset at) =>
        point.Around("journal.followed-digests", () => journal.RecordFollowedDigests(stack, digests, at));

    public void RecordLoadedFiles(StackName stack, string loaded) => point.Around("journal.loaded-files", () => journal.RecordLoadedFiles(stack, loaded));

    public void RecordYoungImages(StackName stack, string images) => point.Around("journal.young-images", () => journal.RecordYoungImages(stack, images));

    public Deployment Open(StackName stack, Cause cause, string causeDetail, CommitId commit, int? previous, DateTimeOffset at) =>
        point.Around("journal.open", () => journal.Open(stack, cause, causeDetail, commit, previous, at));

    public void RecordSubject(long deployment, string subject, string author) => point.Around("journal.subject", () => journal.RecordSubject(deployment, subject, author));

    public void RecordRelease(long deployment, Release release) => point.Around("journal.release", () => journal.RecordRelease(deployment, release));

    public int NextReleaseNumber(StackName stack) => journal.NextReleaseNumber(stack);

    public void ForgetSteps(long deployment) => point.Around("journal.forget-steps", () => journal.ForgetSteps(deployment));

    public void BeginStep(long deployment, Step step, DateTimeOffset at) => point.Around($"journal.begin.{step.ToWord()}", () => journal.BeginStep(deployment, step, at));

    public void EndStep(long deployment, Step step, bool succeeded, string detail, DateTimeOffset at) =>
        point.Around($"journal.end.{step.ToWord()}", () => journal.EndStep(deployment, step, succeeded, detail, at));

    public int CountStart(long deployment) => point.Around("journal.count-start", () => journal.CountStart(deployment));

    public void RecordBaseline(long deployment, Baseline baseline) => point.Around("journal.baseline", () => journal.RecordBaseline(deployment, baseline));

    public void RecordFailure(long deployment, Failure failure) => point.Around("journal.failure", () => journal.RecordFailure(deployment, failure));

    public int CountRecovery(long deployment) => point.Around("journal.count-recovery", () => journal.CountRecovery(deployment));

    public void RecordOrderlyStop(long deployment) => point.Around("journal.orderly-stop", () => journal.RecordOrderlyStop(deployment));

    public void RecordBoot(StackName stack, string bootId) => point.Around("journal.boot", () => journal.RecordBoot(stack, bootId));

    public void Close(long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change, DateTimeOffset at, Announcement? announcement) =>
        point.Around($"journal.close.{result.ToWord()}", () => journal.Close(deployment, result, reason, evidence, change, at, announcement));

    public void Adopt(Release release, DateTimeOffset at) => point.Around("journal.adopt", () => journal.Adopt(release, at));

    public void Rebuild(IReadOnlyList<RebuiltStack> stacks, DateTimeOffset at, Announcement announcement) => point.Around("journal.rebuild", () => journal.Rebuild(stacks, at, announcement));

    public void Recognise(StackName stack, int release, DateTimeOffset at) => point.Around("journal.recognise", () => journal.Recognise(stack, release, at));

    public void FreeFromQuarantine(StackName stack, int release) => point.Around("journal.free", () => journal.FreeFromQuarantine(stack, release));

    public void Announce(Announcement announcement) => point.Around("journal.announce", () => journal.Announce(announcement));

    public bool WasTold(string cause) => journal.WasTold(cause);

    public Deployment? FindOpen(StackName stack) => journal.FindOpen(stack);

    public Deployment? FindDeployment(long id) => journal.FindDeployment(id);

    public TrialEnd? FindLastTrial(StackName stack, int among) => journal.FindLastTrial(stack, among);

    public IReadOnlyList<Deployment> ReadDeployments(StackName? stack, int limit, DateTimeOffset? since = null) => journal.ReadDeployments(stack, limit, since);

    public IReadOnlyList<ReleaseEntry> ReadReleases(StackName stack) => journal.ReadReleases(stack);

    public ReleaseEntry? FindRelease(StackName stack, int number) => journal.FindRelease(stack, number);

    public ReleaseEntry? FindRelease(StackName stack, string id) => journal.FindRelease(stack, id);
}
