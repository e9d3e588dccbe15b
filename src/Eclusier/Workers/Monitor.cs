using System.Runtime.InteropServices;
using Eclusier.Api;
using Eclusier.Api.Access;
using Eclusier.Commands;
using Eclusier.Core.Deployments;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;
using Eclusier.Dashboard;
using Eclusier.Metrics;
using Eclusier.Operations;
using Eclusier.Output;
using Eclusier.Webhooks;

namespace Eclusier.Workers;

/// <summary>The daemon: takes the lock, watches every stack, answers at its socket, until it is stopped.</summary>
internal sealed partial class Monitor(ReadConfiguration readConfiguration, TimeProvider timeProvider, string version)
{
    /// <summary>A rollback or a running <c>compose up</c> is brought to its end; systemd's own limit may be shorter.</summary>
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromMinutes(20);

    /// <exception cref="AgentBusyException">Another agent has the state folder, or a stack's project.</exception>
    public async Task<int> RunAsync(AgentSettings settings, string configuration, bool once, CancellationToken stopping)
    {
        using var locks = AgentLocks.Take(settings, once ? "monitor --once" : "monitor", timeProvider);
        using var feed = new ProgressFeed(timeProvider);
        return once ? await RunOnceAsync(settings, locks, feed, stopping) : await WatchAsync(settings, configuration, locks, feed, stopping);
    }

    private async Task<int> WatchAsync(AgentSettings settings, string configuration, AgentLocks locks, ProgressFeed feed, CancellationToken stopping)
    {
        var socket = AgentSocket.Choose(settings, timeProvider, out var claim);
        using var claimed = claim;
        await using var app = Build(settings, configuration, locks, feed, socket);
        var composition = app.Services.GetRequiredService<Composition>();
        app.ListenOnNetwork(composition.IsMemoryLost);
        Log.Started(app.Logger, version, settings.Stacks.Count, settings.StateDirectory, socket);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hangUp = ReloadOnHangUp(composition, started.Task, app.Logger);
        app.Lifetime.ApplicationStarted.Register(() => // by then the database is open, and the socket answers
        {
            composition.Notice.Ready();
            started.SetResult();
        });
        app.Lifetime.ApplicationStopping.Register(composition.Notice.Stopping);
        using var ended = new CancellationTokenSource();
        var watched = Watchdog.FindLimit(Environment.GetEnvironmentVariable) is { } limit
            ? new Watchdog(limit, composition.Workers, composition.Notice, timeProvider, app.Services.GetRequiredService<ILogger<Watchdog>>()).RunAsync(ended.Token)
            : Task.CompletedTask;
        try
        {
            await app.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // told to stop before it had wholly started: as orderly as later
        }
        finally
        {
            await ended.CancelAsync();
            await watched;
        }

        return ExitCodes.Done;
    }

    /// <summary>The daemon, not started yet: what works in it, and every route at which it answers.</summary>
    internal WebApplication Build(AgentSettings settings, string configuration, AgentLocks locks, ProgressFeed feed, string socket)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = settings.StateDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"], // else every file that changes under the state folder wakes a thread: it might be an appsettings.json
        });
        builder.Configuration.Sources.Clear(); // ASPNETCORE_… in the environment is not for us
        builder.Configuration.AddInMemoryCollection();
        AddJournal(builder.Logging, feed);
        builder.ListenOnSocket(socket, AgentSocket.ForOwner);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestShutdown);
        builder.Services.AddSingleton(provider => new Composition(settings, provider.GetRequiredService<ILoggerFactory>(), feed, timeProvider, timeProvider.GetUtcNow(), locks, provider.GetRequiredService<ReadAgain>()));
        builder.Services.AddSingleton<ReadAgain>(() => readConfiguration(configuration));
        builder.Services.AddSingleton(provider => provider.GetRequiredService<Composition>().AgentFor);
        builder.Services.AddSingleton(provider => provider.GetRequiredService<Composition>().Workers);
        builder.Services.AddSingleton<DescribeAgent>(provider =>
        {
            var inForce = provider.GetRequiredService<Composition>().Settings;
            return () => new AgentIdentity(version, settings.StateDirectory, [.. inForce.Now.Stacks.Select(stack => stack.Name.Value)], Path.GetFullPath(configuration));
        });
        builder.Services.AddSingleton(timeProvider);
        builder.Services.AddSingleton(feed);
        builder.Services.AddSingleton(provider => provider.GetRequiredService<Composition>().Tokens);
        builder.Services.AddSingleton(provider => ReadinessOf(provider.GetRequiredService<Composition>()));
        builder.Services.AddAccess(settings.Api);
        builder.Services.AddAgentApi();
        builder.Services.AddDashboard();
        builder.Services.AddWebhooks();
        builder.Services.AddMetrics(version, timeProvider);
        builder.Services.AddHostedService<AgentService>();
        builder.Services.AddHostedService(provider => new DeliveryService(provider.GetRequiredService<Composition>(), version, timeProvider, provider.GetRequiredService<ILogger<DeliveryService>>()));
        builder.Services.AddHostedService(provider => new Heartbeat(provider.GetRequiredService<Composition>(), timeProvider, provider.GetRequiredService<ILogger<Heartbeat>>()));
        if (settings.Telemetry is { } telemetry)
        {
            builder.Services.AddTelemetry(telemetry);
        }

        var app = builder.Build();
        app.UseAccess();
        app.MapHealth();
        app.MapAgentApi();
        app.MapMetrics();
        app.MapWebhooks();
        if (settings.Api.Listen.Count > 0) // no browser comes through the Unix socket: its pages would only cost memory
        {
            app.MapDashboard();
        }

        return app;
    }

    private Readiness ReadinessOf(Composition composition) => new(
        composition.Engine.ReadVersionAsync,
        () =>
        {
            composition.Tokens.ReadAll();
            if (composition.Workers.All.Select(worker => worker.Unwritten).FirstOrDefault(trouble => trouble is not null) is { } unwritten)
            {
                throw FailureException.Transient(unwritten.Message);
            }
        },
        timeProvider);

    private static PosixSignalRegistration ReloadOnHangUp(Composition composition, Task started, ILogger logger) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true; // else it ends the process
        _ = Task.Run(async () =>
        {
            try
            {
                await started; // else it would be said to be ready before it is
                composition.Reload!.Run();
            }
            catch (RequestException)
            {
                // the journal says what is wrong with the new configuration
            }
            catch (Exception exception) // as for a request: the daemon goes on with what it has
            {
                Log.NotReloaded(logger, exception);
            }
        });
    });

    private async Task<int> RunOnceAsync(AgentSettings settings, AgentLocks locks, ProgressFeed feed, CancellationToken stopping)
    {
        using var logs = LoggerFactory.Create(logging => AddJournal(logging, feed));
        using var composition = new Composition(settings, logs, feed, timeProvider, daemonStartedAt: null, locks);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var working = composition.Workers.RunAsync(polls: false, done.Token);
        var outcomes = await Task.WhenAll(composition.Workers.All.Select(worker => worker.PassAsync(token => composition.Reconciler.ReconcileAsync(worker.Stack, Trigger.Poll, token))));
        await done.CancelAsync();
        await working;
        foreach (var worker in composition.Workers.All)
        {
            composition.Reconciler.CloseUnfinished(worker.Stack, "a single pass does not wait");
        }

        await composition.Deliveries.DrainAsync(Composition.LastDeliveries);

        return ExitCodes.Worst(outcomes.Select(outcome => ExitCodes.Of(Reports.WordOf(outcome))));
    }

    private void AddJournal(ILoggingBuilder logging, ProgressFeed feed) => logging.AddJournal(
        Console.Out, new JournalOptions(JournalStyles.Detect(Environment.GetEnvironmentVariable, !Console.IsOutputRedirected)), feed, timeProvider);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The configuration was not read again")]
        public static partial void NotReloaded(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Information, "Eclusier {Version} watches {Stacks} stacks; state in {StateDirectory}, socket {Socket}")]
        public static partial void Started(ILogger logger, string version, int stacks, string stateDirectory, string socket);
    }
}
