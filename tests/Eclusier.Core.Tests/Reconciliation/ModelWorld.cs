using System.Text.RegularExpressions;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>The fake host, what is done to it, and the model: which images are good, what the source wants, and so what should run.</summary>
internal sealed partial class ModelWorld : IDisposable
{
    private static readonly Stack Stack = Some.Stack with { Images = new ImagePolicy { FollowsAll = true } };

    private readonly FakeHost host = new();
    private readonly HashSet<string> goodImages = [];
    private readonly Dictionary<long, Deployment> closed = [];
    private readonly Dictionary<string, string> folders = [];
    private readonly Dictionary<int, (DateTimeOffset Since, int Ups)> quarantine = [];
    private int versions;
    private int life;
    private string tag = "";
    private bool isHeadGood;
    private bool isHeld;
    private bool isDisturbed;
    private (ActKind Kind, int Number)? kill;

    public void Dispose() => host.Dispose();

    public void Do(Act act)
    {
        var minutes = TimeSpan.FromMinutes(1 + (act.Number % 20));
        host.Clock.Pass(TimeSpan.FromSeconds(1)); // no two things happen at the same moment
        switch (act.Kind)
        {
            case ActKind.Poll: Poll(); break;
            case ActKind.Deploy: Work(() => host.Deploy(Stack)); break;
            case ActKind.Force: Force(); break;
            case ActKind.Retry: Work(() => host.Retry(Stack)); break;
            case ActKind.GoBack: GoBack(null); break;
            case ActKind.GoBackTo: GoBack(act.Number % (versions + 1)); break;
            case ActKind.Suspend: Work(() => host.Journal.Suspend(Stack.Name, "so", host.Clock.GetUtcNow())); break;
            case ActKind.Resume: Work(() => host.Journal.Resume(Stack.Name)); break;
            case ActKind.CommitGood: Commit(ImageBehaviour.Fine); break;
            case ActKind.CommitSlow: Commit(ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50))); break;
            case ActKind.CommitCrashing: Commit(ImageBehaviour.Crashes, isGood: false); break;
            case ActKind.CommitAnsweringBadly: Commit(ImageBehaviour.AnswersBadly, isGood: false); break;
            case ActKind.CommitUnhealthy: Commit(ImageBehaviour.Unhealthy, isGood: false); break;
            case ActKind.CommitThatCannotStart: Commit(ImageBehaviour.CannotStart, isGood: false); break;
            case ActKind.CommitBroken: CommitBroken(); break;
            case ActKind.CommitWithoutImage: CommitWithoutImage(act.Number, minutes); break;
            case ActKind.MoveTagToGood: MoveTag(ImageBehaviour.Fine, isGood: true); break;
            case ActKind.MoveTagToBad: MoveTag(ImageBehaviour.Crashes, isGood: false); break;
            case ActKind.EngineAway: Away(minutes, () => host.Engine.IsAway = true, () => host.Engine.IsAway = false); break;
            case ActKind.GitAway: Away(minutes, () => host.Repository.Trouble = FailureException.Transient("git is away"), () => host.Repository.Trouble = null); break;
            case ActKind.RegistryAway: Away(minutes, () => host.Registry.Trouble = FailureException.Transient("the registry is away"), () => host.Registry.Trouble = null); break;
            case ActKind.KillAtInstant or ActKind.KillAfterSeconds: kill = (act.Kind, act.Number); break;
            case ActKind.Restart: Restart(); break;
            case ActKind.Reboot: host.Engine.Reboot(); host.Clock.Pass(TimeSpan.FromMinutes(2)); Restart(); break;
            case ActKind.Prune: host.Engine.Prune(); break;
            default: throw new ArgumentOutOfRangeException(nameof(act), act, "not an act");
        }

        CheckInvariants();
    }

    /// <summary>Nothing goes wrong any more: the next good commit is deployed, and then nothing is done.</summary>
    public void ComeToRest()
    {
        kill = null;
        host.Clock.Pass(TimeSpan.FromHours(1));
        host.Journal.Resume(Stack.Name);
        for (var poll = 0; poll < 3; poll++) // an open deployment; a stalled stack, which has its own pace
        {
            Poll();
        }

        CheckWhatShouldRun();
        Commit(ImageBehaviour.Fine);
        Poll();
        CheckInvariants();
        CheckWhatShouldRun();
        Assert.True(host.Runs($"web {versions}"), $"a good commit comes to nothing: {Told()}");
        host.Calls.Clear();
        quarantine.Clear();
        Poll();
        Assert.Empty(host.Calls.Touches);
        Assert.Null(host.Journal.FindOpen(Stack.Name));
    }

    private void Poll()
    {
        Work(() => host.Clock.Pass(TimeSpan.FromMinutes(6))); // more than the interval of followed tags
        Work(() => host.Poll(Stack));
    }

    /// <summary>Ends a hold, if it comes to a deployment: a suspended stack is not forced, nor is one whose source is away (whoever asked is told).</summary>
    private void Force()
    {
        var before = host.History.Count;
        Work(() => host.Deploy(Stack, force: true));
        isHeld &= host.History.Count == before;
    }

    private void GoBack(int? to)
    {
        var before = host.History.Count;
        Work(() =>
        {
            try
            {
                host.GoBack(to, Stack);
            }
            catch (FailureException)
            {
                // there is no such release, or something is away: whoever asked is told
            }
        });
        isHeld |= host.History.Count > before;
    }

    /// <summary>The agent works, and may be killed at it; then it is started again.</summary>
    private void Work(Action work)
    {
        var mine = ++life;
        if (kill is { } wanted)
        {
            kill = null;
            isDisturbed = true;
            if (wanted.Kind == ActKind.KillAtInstant)
            {
                host.Calls.KillAtInstant(wanted.Number);
            }
            else
            {
                host.Clock.In(TimeSpan.FromSeconds(wanted.Number), () =>
                {
                    if (life == mine)
                    {
                        host.Calls.Kill();
                    }
                });
            }
        }

        try
        {
            work();
        }
        catch (AgentKilledException)
        {
            Restart();
        }

        life++;
        host.Calls.Revive();
    }

    private void Restart()
    {
        life++;
        host.Restart();
        try
        {
            host.Recover(Stack);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Transient)
        {
            // the engine is away: finished by a later pass
        }
    }

    private void Commit(ImageBehaviour behaviour, bool isGood = true)
    {
        tag = $"registry.test/web:{++versions}";
        Push(behaviour, isGood);
        host.Repository.Commit(Some.Model(("web", tag)), $"version {versions}");
        (isHeadGood, isHeld, isDisturbed) = (isGood, false, false);
    }

    private void CommitBroken()
    {
        versions++;
        tag = "";
        host.Repository.CommitBroken(FailureException.Rejected("yaml: line 2: did not find expected ','"));
        (isHeadGood, isHeld) = (false, false);
    }

    private void CommitWithoutImage(int number, TimeSpan after)
    {
        tag = $"registry.test/web:{++versions}";
        host.Repository.Commit(Some.Model(("web", tag)), $"version {versions}");
        (isHeadGood, isHeld) = (false, false);
        if (number % 2 == 0)
        {
            var version = versions;
            Later(after, () =>
            {
                if (version == versions) // else somebody has pushed another image under that tag meanwhile
                {
                    isHeadGood = !IsGivenUp;
                    Push(ImageBehaviour.Fine, isGood: true);
                }
            });
        }
    }

    private void MoveTag(ImageBehaviour behaviour, bool isGood)
    {
        if (tag.Length > 0)
        {
            versions++;
            var isFollowed = host.State.FollowedDigests?.Contains($" {tag} ", StringComparison.Ordinal) ?? false; // else the agent never came to know it
            (isHeadGood, isHeld, isDisturbed) = (isGood && (isFollowed || !IsGivenUp), isHeld && !isFollowed, false);
            Push(behaviour, isGood);
        }
    }

    /// <summary>Its image did not come in time: that was told, and only a command or a newer commit has it tried again.</summary>
    private bool IsGivenUp => host.History.FirstOrDefault(deployment => deployment.Commit == host.Repository.Heads["main"].Id)?.Result is DeploymentResult.Expired;

    private void Push(ImageBehaviour behaviour, bool isGood)
    {
        var digest = host.Registry.Push(tag, $"web {versions}", behaviour);
        if (isGood)
        {
            goodImages.Add(digest);
        }
    }

    private void Away(TimeSpan time, Action go, Action comeBack)
    {
        go();
        Later(time, comeBack);
    }

    private void Later(TimeSpan after, Action action) => host.Clock.In(after, () => host.Calls.ByOthers(action));

    /// <summary>What must hold after each act, however it went.</summary>
    private void CheckInvariants()
    {
        foreach (var deployment in host.History.Where(deployment => !deployment.IsOpen))
        {
            Is(closed.TryAdd(deployment.Id, deployment) || (closed[deployment.Id].Result, closed[deployment.Id].EndedAt) == (deployment.Result, deployment.EndedAt), $"deployment {deployment.Id} was closed twice");
            var told = host.Journal.Announcements.Count(announcement => announcement.Cause == $"deployment/{deployment.Id}");
            Is(told == 1 || !IsTold(deployment), $"deployment {deployment.Id} was told {told} times");
        }

        foreach (var release in host.Releases.All)
        {
            var content = $"{release} {host.Releases.ModelAt(host.Releases.ModelPath(Stack.Name, release.Id)).ToJsonString()}";
            Is(folders.TryAdd(release.Id, content) || folders[release.Id] == content, $"the folder of release {release} changed");
        }

        var entries = host.Journal.ReadReleases(Stack.Name);
        foreach (var entry in entries.Where(entry => entry.IsCommitted && host.Releases.Exists(Stack.Name, entry.Id)))
        {
            Is(ImagesOf(entry).All(goodImages.Contains), $"release #{entry.Number} is bad and was committed");
        }

        CheckQuarantine(entries);
        if (host.Journal.FindOpen(Stack.Name) is { HasTouchedTheHost: true })
        {
            Is(host.Engine.IsAway, "a deployment that touched the host is open, and nobody works on it");
            return; // finished when the engine is back
        }

        CheckWhatRuns(entries);
    }

    /// <summary>What is tried again by itself is told when it began; what touched nothing may have nothing to tell.</summary>
    private static bool IsTold(Deployment deployment) =>
        deployment is { Cause: not Cause.Drift, Result: DeploymentResult.Committed or DeploymentResult.RolledBack or DeploymentResult.RollbackFailed or DeploymentResult.Failed };

    private void CheckQuarantine(IReadOnlyList<ReleaseEntry> entries)
    {
        foreach (var entry in entries)
        {
            var ups = host.Calls.All.Count(call => call == $"up #{entry.Number}");
            if (entry.QuarantinedAt is not { } since)
            {
                quarantine.Remove(entry.Number);
            }
            else if (quarantine.TryGetValue(entry.Number, out var known) && known.Since == since)
            {
                Is(known.Ups == ups, $"release #{entry.Number} is in quarantine and was tried again");
            }
            else
            {
                quarantine[entry.Number] = (since, ups);
            }
        }
    }

    private void CheckWhatRuns(IReadOnlyList<ReleaseEntry> entries)
    {
        var state = host.State;
        var containers = host.Engine.Containers;
        Is(!containers.Any(container => Replacement().IsMatch(container.Name)), "a container is left over");
        Is(containers.Select(container => container.Name).Distinct().Count() == containers.Count, "a container is there twice");
        if (state.LastKnownGood is not { } number)
        {
            Is(containers.Count == 0 || host.History.Any(deployment => deployment.Result is DeploymentResult.Failed), "something runs that nobody deployed");
            return;
        }

        var good = entries.Single(entry => entry.Number == number);
        Is(good.IsCommitted && !good.IsQuarantined, $"release #{number} is last known good, and was never committed or is in quarantine");
        Is(ImagesOf(good).All(digest => host.Engine.Images.Any(image => image.References.Any(reference => reference.EndsWith(digest, StringComparison.Ordinal)))), $"the images of last known good #{number} are gone");
        if (state.Applied == number)
        {
            Is(containers.Count > 0 && containers.All(container => ImagesOf(good).Any(digest => container.Image.EndsWith(digest, StringComparison.Ordinal))), $"the host should run release #{number}");
        }
        else
        {
            var last = host.History.First(deployment => deployment is { IsOpen: false, HasTouchedTheHost: true });
            Is(last.Result is DeploymentResult.Failed or DeploymentResult.RollbackFailed, $"release #{state.Applied} was applied last, #{number} is last known good, and nothing says why");
        }
    }

    /// <summary>At rest, with nothing away: what the source wants, if it is good.</summary>
    private void CheckWhatShouldRun()
    {
        var state = host.State;
        if (isHeadGood && !isHeld)
        {
            var head = host.Repository.Heads["main"];
            var isQuarantined = host.Journal.ReadReleases(Stack.Name).Any(entry => entry.IsQuarantined && entry.Commit == head.Id);
            Is(host.Runs($"web {versions}") || (isDisturbed && isQuarantined), $"the good version {versions} should run");
        }
        else if (state.LastKnownGood is { } number)
        {
            Is(state.Applied == number, $"last known good #{number} should run");
        }
    }

    private IEnumerable<string> ImagesOf(ReleaseEntry entry) =>
        host.Releases.Load(Stack.Name, entry.Id).Services.Select(service => service.Reference[(service.Reference.IndexOf('@', StringComparison.Ordinal) + 1)..]);

    private void Is(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            Assert.Fail($"{otherwise}: {Told()}");
        }
    }

    private string Told() => $"""
        {host.State}
        runs: {string.Join(", ", host.Engine.Containers.Select(container => $"{container.Name} {container.Image[^8..]}"))}
        {string.Join('\n', host.History.Select(deployment => $"{deployment.Id} {deployment.Cause} #{deployment.Release} {deployment.Result}: {deployment.Reason}; {string.Join(' ', deployment.Steps.Select(step => $"{step.Step}={step.Succeeded}"))}"))}
        {string.Join('\n', host.Log.TakeLast(30))}
        """;

    [GeneratedRegex("^[0-9a-f]{12}_")]
    private static partial Regex Replacement();
}
