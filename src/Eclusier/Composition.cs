using Eclusier.Adapters.Compose;
using Eclusier.Adapters.CrashPoints;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Files;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.HostNetwork;
using Eclusier.Adapters.Notifications;
using Eclusier.Adapters.Probes;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Registries;
using Eclusier.Adapters.Releases;
using Eclusier.Adapters.Sqlite;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Core.Applying;
using Eclusier.Core.Drift;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Metrics;
using Eclusier.Core.Notifications;
using Eclusier.Core.Planning;
using Eclusier.Core.Preparing;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;
using Eclusier.Workers;
using Microsoft.Extensions.Hosting.Systemd;

namespace Eclusier;

/// <summary>The whole agent, put together by hand: what is made of what can be read here from top to bottom.</summary>
internal sealed class Composition : IDisposable
{
    /// <summary>How long a command waits at its end for what is to be told; the rest is delivered later.</summary>
    public static readonly TimeSpan LastDeliveries = TimeSpan.FromSeconds(5);

    private readonly List<IDisposable> disposables = [];

    /// <param name="daemonStartedAt"><c>null</c> when it only serves one command.</param>
    /// <param name="locks">What is held for the work; <c>null</c>: it only asks, and nothing is put right.</param>
    /// <param name="readAgain">For a reload; <c>null</c>: there is none.</param>
    public Composition(AgentSettings settings, ILoggerFactory logs, ProgressFeed feed, TimeProvider timeProvider, DateTimeOffset? daemonStartedAt, AgentLocks? locks, ReadAgain? readAgain = null)
    {
        Settings = new SettingsInForce(settings); // whatever a reload may change is asked for there, each time

        Notice = new ServiceNotice(new SystemdNotifier(), timeProvider);

        // the outside; a test may have it die at a named point
        var crash = CrashPoint.FromEnvironment(Environment.GetEnvironmentVariable);
        var engineOptions = DockerEngineOptions.FromEnvironment();
        var processes = new ProcessRunner(timeProvider, settings.StateDirectory);
        var credentials = new DockerCredentials(processes, DockerCredentials.DefaultDirectory());
        var dockerEngine = Owned(new DockerEngine(credentials, timeProvider, engineOptions));
        var engine = dockerEngine.WithCrashPoints(crash);
        var registry = Owned(new RegistryClient(credentials, dockerEngine, timeProvider)).WithCrashPoints(crash).Measured(Instruments, timeProvider);
        var mirrors = new GitMirrors(settings.StateDirectory, processes, timeProvider, logs.CreateLogger<GitMirrors>());
        var sources = Owned(new GitSourceReader(mirrors)).WithCrashPoints(crash).Measured(Instruments, timeProvider);
        var workTree = new GitWorkTree(mirrors, logs.CreateLogger<GitWorkTree>()).WithCrashPoints(crash);
        var compose = new ComposeProgram(processes, workTree).WithCrashPoints(crash, timeProvider);
        var probes = new HealthProbes(engine, timeProvider).WithCrashPoints(crash);
        var engineIsHere = engineOptions.Endpoint.StartsWith("unix:", StringComparison.Ordinal);
        var hostPorts = new HostPorts(engineIsHere);
        var hostFiles = new HostFiles(engineIsHere);
        var folders = new ReleaseFolders(settings.StateDirectory);
        var releases = folders.WithCrashPoints(crash);
        string? damage = null;
        var databasePath = Path.Combine(settings.StateDirectory, "eclusier.db");
        var database = Owned(locks is null ? SqliteDatabase.Open(databasePath) : SqliteDatabase.OpenOrBeginAnew(databasePath, timeProvider.GetUtcNow(), out damage));
        var stored = new SqliteJournal(database);
        var outbox = new SqliteOutbox(database);
        var journal = stored.WithCrashPoints(crash);
        Sender = Owned(new MessageSender(timeProvider));
        var notifiers = new NotifierFactory(Sender, timeProvider);
        Deliveries = Owned(new DeliveryRound(notifiers.CreateAll(settings), outbox, timeProvider, logs.CreateLogger<DeliveryLane>()));
        stored.Announced += Deliveries.Ring;
        Tokens = new SqliteTokens(database);
        var audit = new SqliteAuditLog(database);
        Outbox = outbox;
        Totals = new SqliteTotals(database);
        Engine = engine;
        Journal = stored; // what the daemon says of itself is no part of a deployment

        // the core
        var masks = new SecretMasks(Settings, journal, releases);
        Announcer = new Announcer(Settings, journal, masks, Environment.MachineName);
        var holdups = new Holdups(timeProvider);
        var gate = new HealthGate(engine, probes, holdups, masks, timeProvider, logs.CreateLogger<HealthGate>());
        var memory = new LostMemory(journal, releases, engine, gate, Announcer, timeProvider, logs.CreateLogger<LostMemory>());
        if (locks is not null)
        {
            memory.RebuildIfLost(settings.Stacks, damage); // first: whatever else reads the journal relies on it
            stored.Progressed += (stack, open) => Say(locks.Describe(Settings.Now.Stacks, stack, open));
            Describe();
        }

        IsMemoryLost = settings.Stacks.Any(stack => memory.IsRebuilt(stack.Name));
        var recorder = new DeploymentRecorder(journal, Announcer, masks, timeProvider, logs.CreateLogger<DeploymentRecorder>());
        var ages = new ImageAges(journal, releases, timeProvider, logs.CreateLogger<ImageAges>());
        var preparer = new ReleasePreparer(workTree, hostFiles, compose, registry, ages, new TakenOver(engine, compose, workTree, releases, journal), engine, releases, timeProvider);
        var reloads = new Reloads(engine, hostFiles, workTree, journal, releases, logs.CreateLogger<Reloads>());
        var gates = new Gates(preparer, new Planner(engine, hostPorts), reloads, releases, journal, logs.CreateLogger<Gates>());
        var sweep = new LeftoverSweep(engine, releases, logs.CreateLogger<LeftoverSweep>());
        var applier = new Applier(workTree, compose, engine, sweep, new Repairs(engine, dockerEngine), reloads, new SpellingLocks(), releases, holdups, timeProvider, logs.CreateLogger<Applier>());
        var adopter = new Adopter(engine, compose, workTree, releases, journal, timeProvider, logs.CreateLogger<Adopter>());
        var proof = new ReleaseProof(gate, logs.CreateLogger<ReleaseProof>());
        var rollback = new Rollback(applier, gate, proof, preparer, journal, releases, recorder, timeProvider, logs.CreateLogger<Rollback>());
        var retention = new Retention(journal, releases, engine, workTree, logs.CreateLogger<Retention>());
        var boot = new BootGrace(engine, journal, HostBoot.ReadId(), timeProvider, logs.CreateLogger<BootGrace>());
        var trial = new Trial(applier, adopter, gate, proof, boot, rollback, retention, journal, recorder, logs.CreateLogger<Trial>());
        var images = new ImageWatch(registry, new(timeProvider), ages, journal, timeProvider, logs.CreateLogger<ImageWatch>());
        var slots = Owned(new DeploymentSlots(settings.MaxParallelDeployments));
        var recovery = new Recovery(trial, boot, new DamagedReleases(releases, journal, timeProvider, logs.CreateLogger<DamagedReleases>()), engine, releases, journal, recorder, timeProvider, logs.CreateLogger<Recovery>());
        var revisions = new RevisionFetch(sources, journal, logs.CreateLogger<RevisionFetch>());
        var stalled = new StalledStack(preparer, trial, journal, recorder, slots, timeProvider, logs.CreateLogger<StalledStack>());
        var quiet = new QuietEngine(timeProvider);
        var wayBack = new WayBack(engine, quiet, preparer, releases, journal, logs.CreateLogger<WayBack>());
        var stopped = new StoppedContainers();
        var drift = new DriftWatch(engine, dockerEngine, quiet, stopped, workTree, releases, preparer, trial, recovery, journal, Announcer, recorder, slots, timeProvider, logs.CreateLogger<DriftWatch>());
        Reconciler = new Reconciler(sources, new SharedHeads(sources, new(timeProvider)), revisions, images, preparer, gates, trial, recovery, memory, new HostFileWatch(hostFiles), stalled, drift, journal, recorder, slots, timeProvider, logs.CreateLogger<Reconciler>());

        var manualRollback = new ManualRollback(preparer, trial, recovery, releases, journal, recorder, slots, timeProvider);

        // who is served
        var idleMemory = Owned(new IdleMemory(database.GiveBackMemory, timeProvider));
        var deadAgent = new DeadAgent(new OrphanedProcesses(settings.StateDirectory, timeProvider, logs.CreateLogger<OrphanedProcesses>()), folders, logs.CreateLogger<DeadAgent>());
        Workers = new StackWorkers(
            deadAgent,
            stack => new StackWorker(stack, new StackPasses(Reconciler, wayBack, recorder, journal, Instruments, timeProvider, logs.CreateLogger<StackWorker>()), recovery, drift, idleMemory, Watchdog.PatienceFor(Watchdog.FindLimit(Environment.GetEnvironmentVariable)), timeProvider, logs.CreateLogger<StackWorker>()),
            settings.Stacks,
            new EngineEvents(dockerEngine, quiet, stopped, timeProvider, logs.CreateLogger<EngineEvents>()));
        Statuses = new StatusReports(journal, releases, engine, memory, holdups, wayBack);
        Reload = readAgain is null || locks is null ? null : new ConfigurationReload(readAgain, Settings, locks, Workers, Deliveries, notifiers, slots, memory, Notice, Describe, logs.CreateLogger<ConfigurationReload>());
        var agent = new LocalAgent(Workers, Reconciler, manualRollback, journal, Announcer, Deliveries, outbox, Settings, Reload is null ? null : Reload.Run, releases, engine, Statuses, new TokenDesk(Tokens, timeProvider), audit, feed, timeProvider, daemonStartedAt);
        var audits = logs.CreateLogger<AuditedAgent>();
        AgentFor = (caller, reason) => new AuditedAgent(agent, audit, caller, reason, timeProvider, audits);

        void Describe() => Say(locks?.Describe(Settings.Now.Stacks, stored.ReadOpen()) ?? "");

        void Say(string doing) => Notice.Say(Sentence(Settings.Now.Stacks.Count, doing));
    }

    public Instruments Instruments { get; } = new();

    public SettingsInForce Settings { get; }

    public ServiceNotice Notice { get; }

    public Reconciler Reconciler { get; }

    public IJournal Journal { get; }

    public ITokenStore Tokens { get; }

    public IOutbox Outbox { get; }

    public IJournalTotals Totals { get; }

    public StatusReports Statuses { get; }

    public IEngine Engine { get; }

    /// <summary>The journal was made anew from the release folders, and nothing was deployed since.</summary>
    public bool IsMemoryLost { get; }

    public Announcer Announcer { get; }

    public DeliveryRound Deliveries { get; }

    public MessageSender Sender { get; }

    public StackWorkers Workers { get; }

    public ConfigurationReload? Reload { get; }

    /// <summary>The agent, for one who asks: nobody gets at it without being written down.</summary>
    public AgentFor AgentFor { get; }

    public void Dispose()
    {
        for (var last = disposables.Count - 1; last >= 0; last--)
        {
            disposables[last].Dispose();
        }
    }

    private static string Sentence(int stacks, string doing) => $"Watching {stacks} {(stacks == 1 ? "stack" : "stacks")}{(doing.Length > 0 ? $"; {doing}" : "")}";

    private T Owned<T>(T disposable)
        where T : IDisposable
    {
        disposables.Add(disposable);
        return disposable;
    }
}
