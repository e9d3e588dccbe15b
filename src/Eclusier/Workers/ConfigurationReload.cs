using Eclusier.Adapters.Notifications;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Core.Metrics;
using Eclusier.Core.Notifications;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Workers;

/// <summary>Takes the configuration as it is now, while the daemon works: all of it or, when something is wrong with it, nothing.</summary>
internal sealed partial class ConfigurationReload(
    ReadAgain readAgain, SettingsInForce settings, AgentLocks locks, StackWorkers workers, DeliveryRound deliveries, NotifierFactory notifiers, DeploymentSlots slots, LostMemory memory, ServiceNotice notice, Action describe, ILogger<ConfigurationReload> logger)
{
    private readonly Lock gate = new();

    /// <exception cref="RequestException">It cannot be used, and the one before stays; the message says what is wrong with it.</exception>
    public ReloadReport Run()
    {
        lock (gate)
        {
            notice.Reloading();
            try
            {
                return Take(Read());
            }
            finally
            {
                notice.Ready();
            }
        }
    }

    private AgentSettings Read()
    {
        var reading = readAgain();
        foreach (var warning in reading.Warnings)
        {
            Log.Warned(logger, warning);
        }

        if (reading.Settings is not { } wanted)
        {
            throw Refused(string.Join('\n', reading.Problems));
        }

        try
        {
            locks.TakeFor(wanted.Stacks);
            return wanted;
        }
        catch (AgentBusyException exception)
        {
            throw Refused(exception.Message);
        }
    }

    private ReloadReport Take(AgentSettings wanted)
    {
        var before = settings.Now;
        var restart = WhatNeedsARestart(before, wanted).ToList();
        var added = NamesOf(wanted.Stacks.Where(stack => before.Find(stack.Name) is null));
        var removed = NamesOf(before.Stacks.Where(stack => wanted.Find(stack.Name) is null));
        memory.RebuildIfLost([.. wanted.Stacks.Where(stack => added.Contains(stack.Name.Value))], damage: null);
        settings.Replace(wanted with { StateDirectory = before.StateDirectory, Api = before.Api, Telemetry = before.Telemetry });
        slots.Resize(wanted.MaxParallelDeployments);
        deliveries.Replace(notifiers.CreateAll(wanted));
        _ = GiveBackAsync(workers.Replace(wanted.Stacks));
        describe(); // last: it reads the journal, which may not be possible
        var report = new ReloadReport(NamesOf(wanted.Stacks), added, removed, restart);
        Log.Reloaded(logger, report.Stacks.Count, Also("new", added) + Also("no longer kept, their containers stay as they are", removed));
        foreach (var what in restart)
        {
            Log.NeedsRestart(logger, what);
        }

        return report;
    }

    /// <summary>What other agents may have, once those that had it here have gone.</summary>
    private async Task GiveBackAsync(Task gone)
    {
        await gone;
        lock (gate)
        {
            if (!workers.AreLeaving)
            {
                locks.KeepOnly(settings.Now.Stacks);
            }
        }
    }

    private RequestException Refused(string why)
    {
        Log.Refused(logger, why);
        return new RequestException($"the new configuration is refused, the one before stays:\n{why}");
    }

    /// <summary>What the daemon had to know before it could begin.</summary>
    private static IEnumerable<string> WhatNeedsARestart(AgentSettings before, AgentSettings wanted)
    {
        if (before.StateDirectory != wanted.StateDirectory)
        {
            yield return $"state_dir: until then it is {before.StateDirectory}";
        }

        if (Told(before.Api) != Told(wanted.Api))
        {
            yield return "api: until then the daemon listens as before";
        }

        if (Told(before.Telemetry) != Told(wanted.Telemetry))
        {
            yield return "telemetry: until then metrics are sent as before";
        }
    }

    private static string Told(ApiSettings api) => string.Join('\n', [.. api.Listen, api.CertificateFile, api.KeyFile, api.Url, .. api.TrustedProxies, api.UserHeader, api.UserRole]);

    private static string Told(TelemetrySettings? telemetry) =>
        telemetry is null ? "" : string.Join('\n', [telemetry.Url, telemetry.Interval, .. telemetry.Headers.Select(header => $"{header.Key}: {header.Value}")]);

    private static List<string> NamesOf(IEnumerable<Stack> stacks) => [.. stacks.Select(stack => stack.Name.Value)];

    private static string Also(string what, List<string> stacks) => stacks.Count == 0 ? "" : $"; {what}: {string.Join(", ", stacks)}";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The configuration was read again: {Stacks} stacks{Changes}")]
        public static partial void Reloaded(ILogger logger, int stacks, string changes);

        [LoggerMessage(LogLevel.Error, "The new configuration is refused, the one before stays:\n{Problems}")]
        public static partial void Refused(ILogger logger, string problems);

        [LoggerMessage(LogLevel.Warning, "Only a restart changes {What}")]
        public static partial void NeedsRestart(ILogger logger, string what);

        [LoggerMessage(LogLevel.Warning, "The configuration: {Warning}")]
        public static partial void Warned(ILogger logger, string warning);
    }
}
