using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Planning;
using Eclusier.Core.Preparing;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>A host with everything around it, all in memory, and the real core working on it in time that passes at once.</summary>
public sealed class FakeHost : IDisposable
{
    private readonly List<string> log = [];
    private DeploymentSlots slots = new(2);

    public FakeHost()
    {
        Repository = new FakeRepository(Calls, Clock);
        Registry = new FakeRegistry(Calls);
        Engine = new FakeEngine(Calls, Registry, Clock);
        WorkTree = new FakeWorkTree(Calls, Repository);
        Releases = new InMemoryReleases(Calls);
        Compose = new FakeCompose(Calls, Repository, Engine, Releases, Clock);
        Probes = new FakeProbes(Calls, Engine);
        Journal = new InMemoryJournal(Calls);
        Restart();
    }

    public FakeClock Clock { get; } = new();

    public CallLog Calls { get; } = new();

    public FakeRepository Repository { get; }

    public FakeRegistry Registry { get; }

    public FakeEngine Engine { get; }

    public FakeWorkTree WorkTree { get; }

    public FakeCompose Compose { get; }

    public FakeProbes Probes { get; }

    public FakeHostPorts Ports { get; } = new();

    public InMemoryReleases Releases { get; }

    public InMemoryJournal Journal { get; }

    public Reconciler Reconciler { get; private set; } = null!;

    public Recovery Recovery { get; private set; } = null!;

    public FakeHostFiles Files { get; } = new();

    public Holdups Holdups { get; private set; } = null!;

    public LostMemory Memory { get; private set; } = null!;

    public HealthGate Gate { get; private set; } = null!;

    public Applier Applier { get; private set; } = null!;

    public Announcer Announcer { get; private set; } = null!;

    /// <summary>Counts from the next start on.</summary>
    public AgentSettings Settings { get; set; } = new();

    public DriftWatch Drift { get; private set; } = null!;

    public WayBack WayBack { get; private set; } = null!;

    public StoppedContainers Stopped { get; } = new();

    /// <summary>Nobody listens to the engine, so that each look is a whole one, until a test begins.</summary>
    public QuietEngine Quiet { get; private set; } = null!;

    /// <summary>Another one after each start of the host.</summary>
    public string BootId { get; set; } = "first";

    private ManualRollback manualRollback = null!;

    /// <summary>What the agent logged.</summary>
    public IReadOnlyList<string> Log => log;

    public StackState State => Journal.ReadState(Some.Shop);

    public IReadOnlyList<Deployment> History => Journal.ReadDeployments(null, 1000);

    /// <summary>The newest deployment.</summary>
    public Deployment Last => History[0];

    /// <summary>Ends the agent, if it still lives, and starts another one over the same host and journal.</summary>
    public void Restart()
    {
        Calls.Revive();
        slots.Dispose();
        slots = new DeploymentSlots(2);
        var settings = new SettingsInForce(Settings);
        var masks = new SecretMasks(settings, Journal, Releases);
        Quiet = new QuietEngine(Clock);
        Announcer = new Announcer(settings, Journal, masks, "host.test");
        Holdups = new Holdups(Clock);
        Gate = new HealthGate(Engine, Probes, Holdups, masks, Clock, LoggerOf<HealthGate>());
        Memory = new LostMemory(Journal, Releases, Engine, Gate, Announcer, Clock, LoggerOf<LostMemory>());
        var recorder = new DeploymentRecorder(Journal, Announcer, masks, Clock, LoggerOf<DeploymentRecorder>());
        var ages = new ImageAges(Journal, Releases, Clock, LoggerOf<ImageAges>());
        var preparer = new ReleasePreparer(WorkTree, Files, Compose, Registry, ages, new TakenOver(Engine, Compose, WorkTree, Releases, Journal), Engine, Releases, Clock);
        var reloads = new Reloads(Engine, Files, WorkTree, Journal, Releases, LoggerOf<Reloads>());
        var sweep = new LeftoverSweep(Engine, Releases, LoggerOf<LeftoverSweep>());
        Applier = new Applier(WorkTree, Compose, Engine, sweep, new Repairs(Engine, Engine), reloads, new SpellingLocks(), Releases, Holdups, Clock, LoggerOf<Applier>());
        var adopter = new Adopter(Engine, Compose, WorkTree, Releases, Journal, Clock, LoggerOf<Adopter>());
        var proof = new ReleaseProof(Gate, LoggerOf<ReleaseProof>());
        var rollback = new Rollback(Applier, Gate, proof, preparer, Journal, Releases, recorder, Clock, LoggerOf<Rollback>());
        var retention = new Retention(Journal, Releases, Engine, WorkTree, LoggerOf<Retention>());
        var boot = new BootGrace(Engine, Journal, BootId, Clock, LoggerOf<BootGrace>());
        var trial = new Trial(Applier, adopter, Gate, proof, boot, rollback, retention, Journal, recorder, LoggerOf<Trial>());
        var images = new ImageWatch(Registry, new(Clock), ages, Journal, Clock, LoggerOf<ImageWatch>());
        Recovery = new Recovery(trial, boot, new DamagedReleases(Releases, Journal, Clock, LoggerOf<DamagedReleases>()), Engine, Releases, Journal, recorder, Clock, LoggerOf<Recovery>());
        var revisions = new RevisionFetch(Repository, Journal, LoggerOf<RevisionFetch>());
        var stalled = new StalledStack(preparer, trial, Journal, recorder, slots, Clock, LoggerOf<StalledStack>());
        manualRollback = new ManualRollback(preparer, trial, Recovery, Releases, Journal, recorder, slots, Clock);
        WayBack = new WayBack(Engine, Quiet, preparer, Releases, Journal, LoggerOf<WayBack>());
        Drift = new DriftWatch(Engine, Engine, Quiet, Stopped, WorkTree, Releases, preparer, trial, Recovery, Journal, Announcer, recorder, slots, Clock, LoggerOf<DriftWatch>());
        var gates = new Gates(preparer, new Planner(Engine, Ports), reloads, Releases, Journal, LoggerOf<Gates>());
        Reconciler = new Reconciler(Repository, new SharedHeads(Repository, new(Clock)), revisions, images, preparer, gates, trial, Recovery, Memory, new HostFileWatch(Files), stalled, Drift, Journal, recorder, slots, Clock, LoggerOf<Reconciler>());
    }

    /// <summary>One look at the source, as every few minutes.</summary>
    public Outcome Poll(Stack? stack = null) => Reconcile(Trigger.Poll, stack);

    /// <summary>A look because of a webhook.</summary>
    public Outcome Nudge(Stack? stack = null) => Reconcile(Trigger.Nudge, stack);

    /// <summary><c>eclusier deploy</c>.</summary>
    public Outcome Deploy(Stack? stack = null, bool force = false) => Reconcile(new Trigger(TriggerKind.Command, "deploy", force), stack);

    /// <summary><c>eclusier retry</c>.</summary>
    public Outcome Retry(Stack? stack = null) => Reconcile(new Trigger(TriggerKind.Retry, "retry"), stack);

    public Outcome Reconcile(Trigger trigger, Stack? stack = null, CancellationToken stopping = default) =>
        Clock.Run(() => Reconciler.ReconcileAsync(stack ?? Some.Stack, trigger, stopping));

    /// <summary>A look after drift, as when the engine told that something happened.</summary>
    public DriftLook LookForDrift(Stack? stack = null) => Clock.Run(() => Drift.LookAsync(stack ?? Some.Stack, CancellationToken.None));

    /// <summary>What comes after each poll.</summary>
    /// <returns>What still keeps a rollback from being possible.</returns>
    public IReadOnlyList<string>? KeepWayBackOpen()
    {
        Clock.Run(() => WayBack.KeepOpenAsync(Some.Stack, CancellationToken.None));
        return WayBackObstacles();
    }

    /// <summary>What the status says of it.</summary>
    public IReadOnlyList<string>? WayBackObstacles() => Clock.Run(() => WayBack.FindObstaclesAsync(Some.Stack, CancellationToken.None));

    /// <summary><c>eclusier rollback</c>.</summary>
    public Outcome GoBack(int? to = null, Stack? stack = null) => Clock.Run(() => manualRollback.RunAsync(stack ?? Some.Stack, to, "rollback", CancellationToken.None));

    /// <summary>What a new agent does first.</summary>
    public Outcome? Recover(Stack? stack = null) => Clock.Run(() => Recovery.RecoverAsync(stack ?? Some.Stack, CancellationToken.None));

    /// <summary>The same, until the agent is told to stop.</summary>
    public Outcome? RecoverUntil(CancellationToken stopping) => Clock.Run(() => Recovery.RecoverAsync(Some.Stack, stopping));

    /// <summary>Pushes an image <c>registry.test/SERVICE:TAG</c> and a commit on main whose only service runs it.</summary>
    public FakeCommit Push(string tag, ImageBehaviour? behaviour = null, string service = "web", string subject = "a change")
    {
        var image = $"registry.test/{service}:{tag}";
        Registry.Push(image, $"{service} {tag}", behaviour);
        return Repository.Commit(Some.Model((service, image)), $"{subject} to {tag}");
    }

    /// <summary>The image that the service's containers run, as it was pushed: <c>web v1</c>.</summary>
    public bool Runs(string content, string service = "web") =>
        Engine.Of("shop", service).ToList() is { Count: > 0 } containers && containers.All(container => Engine.Find(container.ImageId)!.References.Append(container.Image).Any(name => name.EndsWith(Some.Digest(content), StringComparison.Ordinal)));

    public void Dispose() => slots.Dispose();

    private RecordingLogger<T> LoggerOf<T>() => new(log);
}
