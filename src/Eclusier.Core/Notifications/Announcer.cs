using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Notifications;

/// <summary>Decides what is told, to whom, and when to stay quiet: once per cause. Writes nothing itself.</summary>
/// <param name="host">The host's name, as messages show it.</param>
public sealed class Announcer(SettingsInForce settings, IJournal journal, SecretMasks masks, string host)
{
    /// <summary>How many deployments back the last attempt is looked for.</summary>
    private const int Lookback = 50;

    /// <summary>What the closing of a deployment says.</summary>
    /// <returns><c>null</c>: nothing, to nobody.</returns>
    public Announcement? OfClosing(Stack stack, long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change, DateTimeOffset at)
    {
        if (result is DeploymentResult.Interrupted || journal.FindDeployment(deployment) is not { IsOpen: true } open)
        {
            return null; // it goes on with the next pass, or was told before
        }

        var state = journal.ReadState(stack.Name);
        var wasBad = WasBad(stack.Name, open.Id);
        if (open.Cause is Cause.Drift && wasBad && result is (DeploymentResult.Failed or DeploymentResult.RollbackFailed))
        {
            return null; // the same trouble still: tried again by itself, and told when it began
        }

        var kind = KindOf(open, result, wasBad || IsTold(stack.Name, state.Trouble));
        var mask = masks.For(stack, open.Release);
        var told = EventOf(stack, open, at) with
        {
            Kind = kind,
            Also = AlsoOf(kind, change),
            Title = TitleOf(stack.Name, open, kind, result, change),
            Message = mask.Apply(reason),
            Deployment = new EventDeployment(open.Id, open.Cause.ToWord(), result.ToWord(), open.StartedAt, (at - open.StartedAt).TotalSeconds, open.Steps.LastOrDefault(step => step.Succeeded == false)?.Step.ToWord()),
            Running = RevisionOf(stack, RunningAfter(open, state, result, change)),
            Evidence = [.. evidence.Select(item => new Evidence(mask.Apply(item.Subject), mask.Apply(item.Text)))],
        };
        var recipients = RecipientsOf(stack, told);
        return kind is EventKind.Closed && recipients.Count == 0 ? null : new Announcement($"deployment/{open.Id}", told, recipients);
    }

    /// <summary>What a check says that no deployment tells: a trouble that lasts, a source that says no, and the end of either.</summary>
    /// <param name="before">What was remembered before the check.</param>
    /// <param name="trouble">What troubles the stack now.</param>
    /// <param name="isRefused">The source itself said no: there is no deployment to tell of it.</param>
    /// <param name="isGood">The stack is at what its source says.</param>
    public Announcement? OfCheck(Stack stack, StackState before, Trouble? trouble, bool isRefused, bool isGood, DateTimeOffset at)
    {
        if (trouble is not null)
        {
            var lasting = before.Trouble?.Kind == trouble.Kind ? trouble with { Since = before.Trouble.Since } : trouble;
            return trouble.Kind is FailureKind.Rejected
                ? isRefused ? New(stack, RefusalCause(stack.Name, lasting.Since), EventKind.Rejected, $"{stack.Name}: cannot go on without a person", trouble.Message, at) : null
                : at - lasting.Since < settings.Now.NotifyWaitingAfter ? null
                : New(stack, WaitCause(stack.Name, lasting.Since), EventKind.Waiting, $"{stack.Name}: waiting since {lasting.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC", trouble.Message, at);
        }

        return isGood && IsTold(stack.Name, before.Trouble)
            ? New(stack, $"recovered/{stack.Name}/{before.Trouble!.Since.UtcDateTime:o}", EventKind.Recovered, $"{stack.Name}: works again", $"it was so since {before.Trouble.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {before.Trouble.Message}", at)
            : null;
    }

    /// <summary>A deployment begins: for who keeps the commit's status.</summary>
    public Announcement? OfOpening(Stack stack, Deployment deployment)
    {
        var told = EventOf(stack, deployment, deployment.StartedAt) with { Kind = EventKind.Started, Title = $"{stack.Name}: deploying {deployment.Commit.Short}" };
        return RecipientsOf(stack, told) is { Count: > 0 } recipients ? new Announcement($"deployment/{deployment.Id}/started", told, recipients) : null;
    }

    public Announcement OfSuspension(Stack stack, string reason, DateTimeOffset at) =>
        New(stack, $"suspended/{stack.Name}/{at.UtcDateTime:o}", EventKind.Suspended, $"{stack.Name}: suspended", reason, at)!;

    public Announcement OfResumption(Stack stack, DateTimeOffset at) =>
        New(stack, $"resumed/{stack.Name}/{at.UtcDateTime:o}", EventKind.Resumed, $"{stack.Name}: resumed", "", at)!;

    /// <summary>The host left the release, and it is not being put right by a deployment of its own.</summary>
    /// <param name="fingerprint">What exactly differs: the same difference is told once.</param>
    public Announcement? OfDrift(Stack stack, string fingerprint, string message, DateTimeOffset at) =>
        New(stack, $"drift/{stack.Name}/{fingerprint}", EventKind.Drift, $"{stack.Name}: the host left the release", message, at);

    /// <summary>What is no stack's: the daemon began its work, the database was made anew.</summary>
    public Announcement OfAgent(EventKind kind, string title, string message, DateTimeOffset at)
    {
        var told = Bare(at) with { Kind = kind, Title = title, Message = message };
        return new Announcement($"{kind.ToWord()}/{at.UtcDateTime:o}", told, [.. settings.Now.Notifiers.Where(notifier => told.Concerns(notifier.On)).Select(notifier => notifier.Name)]);
    }

    /// <summary>To see whether messages arrive; goes to no outbox.</summary>
    public Event OfTest(DateTimeOffset at) => Bare(at) with
    {
        Kind = EventKind.Test,
        Title = "This is a test",
        Message = $"Eclusier on {host} can reach you.",
    };

    private Announcement? New(Stack stack, string cause, EventKind kind, string title, string message, DateTimeOffset at)
    {
        if (journal.WasTold(cause))
        {
            return null;
        }

        var state = journal.ReadState(stack.Name);
        var told = Bare(at) with
        {
            Kind = kind,
            Stack = stack.Name.Value,
            Title = title,
            Message = masks.For(stack, state.Applied).Apply(message),
            To = state.SeenHead is { } head ? RevisionOf(stack, head.Commit) : null,
            Running = RevisionOf(stack, state.Applied ?? state.LastKnownGood),
        };
        return new Announcement(cause, told, RecipientsOf(stack, told));
    }

    private Event Bare(DateTimeOffset at) => new() { Id = Guid.CreateVersion7(at).ToString(), Kind = EventKind.Test, At = at, Host = host, Title = "" };

    private Event EventOf(Stack stack, Deployment deployment, DateTimeOffset at) => Bare(at) with
    {
        Stack = stack.Name.Value,
        Deployment = new EventDeployment(deployment.Id, deployment.Cause.ToWord(), null, deployment.StartedAt, null, null),
        From = RevisionOf(stack, deployment.Previous),
        To = RevisionOf(stack, deployment),
    };

    private List<string> RecipientsOf(Stack stack, Event told)
    {
        var recipients = settings.Now.Notifiers.Where(notifier => stack.Notify.Contains(notifier.Name) && told.Concerns(notifier.On)).Select(notifier => notifier.Name).ToList();
        if (stack.CommitStatus is not null && told is { Deployment: not null, To.Commit: not null })
        {
            recipients.Add(CommitStatusSettings.RecipientOf(stack.Name));
        }

        return recipients;
    }

    /// <summary>Whether the last attempt before this one that came to an end ended badly.</summary>
    private bool WasBad(StackName stack, long before) => journal.ReadDeployments(stack, Lookback).FirstOrDefault(earlier =>
        earlier.Id < before && earlier.Result is (DeploymentResult.Committed or DeploymentResult.Failed or DeploymentResult.RolledBack
            or DeploymentResult.RollbackFailed or DeploymentResult.Rejected or DeploymentResult.Expired))?.Result is not (null or DeploymentResult.Committed);

    private bool IsTold(StackName stack, Trouble? trouble) => trouble is not null
        && (journal.WasTold(WaitCause(stack, trouble.Since)) || journal.WasTold(RefusalCause(stack, trouble.Since)));

    private static string WaitCause(StackName stack, DateTimeOffset since) => $"waiting/{stack}/{since.UtcDateTime:o}";

    private static string RefusalCause(StackName stack, DateTimeOffset since) => $"refused/{stack}/{since.UtcDateTime:o}";

    private static EventKind KindOf(Deployment deployment, DeploymentResult result, bool wasBad) => result switch
    {
        DeploymentResult.Committed => wasBad ? EventKind.Recovered : deployment.Cause is Cause.Drift ? EventKind.Drift : EventKind.Committed,
        DeploymentResult.RolledBack => EventKind.RolledBack,
        DeploymentResult.RollbackFailed => EventKind.RollbackFailed,
        DeploymentResult.Failed => EventKind.Failed,
        DeploymentResult.Rejected => EventKind.Rejected,
        DeploymentResult.Expired => EventKind.Expired,
        _ => EventKind.Closed,
    };

    private static List<EventKind> AlsoOf(EventKind kind, StackChange change)
    {
        var also = new List<EventKind>();
        if (kind is EventKind.Recovered)
        {
            also.Add(EventKind.Committed);
        }
        else if (kind is EventKind.RollbackFailed)
        {
            also.Add(EventKind.Failed);
        }

        if (change.Quarantine is not null)
        {
            also.Add(EventKind.Quarantined);
        }

        return also;
    }

    private static string TitleOf(StackName stack, Deployment deployment, EventKind kind, DeploymentResult result, StackChange change) => kind switch
    {
        EventKind.Committed when deployment.Cause is Cause.ManualRollback => $"{stack}: gone back to release #{deployment.Release}",
        EventKind.Committed => $"{stack}: release #{deployment.Release} is deployed",
        EventKind.Recovered => $"{stack}: works again with release #{deployment.Release}",
        EventKind.Drift => $"{stack}: the host left release #{deployment.Release} and was put right",
        EventKind.RolledBack => $"{stack}: release #{deployment.Release} failed and was rolled back to #{change.LastKnownGood}",
        EventKind.RollbackFailed => $"{stack}: release #{deployment.Release} failed, and so did rolling back",
        EventKind.Failed => $"{stack}: release #{deployment.Release} failed and was left as it is",
        EventKind.Rejected => $"{stack}: {Subject(deployment)} is rejected, nothing was touched",
        EventKind.Expired => $"{stack}: {Subject(deployment)} waited in vain, nothing was touched",
        _ => $"{stack}: {Subject(deployment)}: {result.ToWord()}",
    };

    private static string Subject(Deployment deployment) =>
        deployment.Commit == CommitId.None ? "the release that ran before Eclusier" : deployment.Subject.Length > 0 ? $"{deployment.Commit.Short} \"{deployment.Subject}\"" : deployment.Commit.Short;

    private static int? RunningAfter(Deployment deployment, StackState state, DeploymentResult result, StackChange change) => result switch
    {
        DeploymentResult.RollbackFailed => null, // some of it, or nothing
        _ => change.Applied ?? change.LastKnownGood ?? state.Applied ?? state.LastKnownGood,
    };

    private EventRevision? RevisionOf(Stack stack, int? number) => number is { } known && journal.FindRelease(stack.Name, known) is { } entry
        ? new EventRevision(known, entry.Commit?.Value, entry.Subject, entry.Author, entry.Commit is { } commit ? CommitLink.For(stack.Source.Repository, commit) : null)
        : null;

    private EventRevision? RevisionOf(Stack stack, CommitId commit) => journal.ReadReleases(stack.Name).FirstOrDefault(entry => entry.Commit == commit) is { } entry
        ? RevisionOf(stack, entry.Number)
        : new EventRevision(null, commit.Value, "", "", CommitLink.For(stack.Source.Repository, commit));

    private static EventRevision? RevisionOf(Stack stack, Deployment deployment) => new(
        deployment.Release,
        deployment.Commit == CommitId.None ? null : deployment.Commit.Value,
        deployment.Subject,
        deployment.Author,
        CommitLink.For(stack.Source.Repository, deployment.Commit));
}
