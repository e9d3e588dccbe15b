using System.Globalization;
using System.Runtime.InteropServices;
using Eclusier.Core.Compose;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.CrashPoints;

/// <summary>A testing aid: the agent kills itself (SIGKILL: nothing is unwound) at a named point, before or after a journal write or a call to the outside.</summary>
/// <remarks>
/// <c>ECLUSIER_CRASH_AT=journal.close.committed.before</c> dies there the first time, <c>…:3</c> the third time.
/// <c>ECLUSIER_PAUSE_AT=POINT</c> stops there until it gets a SIGCONT, so that a test can change the world meanwhile.
/// <c>ECLUSIER_HANG_AT=POINT</c> never gets further there, while everything else of the agent goes on.
/// <c>ECLUSIER_CRASH_TRACE=FILE</c> writes each point that is passed to a file, a line each. Without these variables no seam is wrapped.
/// </remarks>
public sealed partial class CrashPoint
{
    public const string AtVariable = "ECLUSIER_CRASH_AT";

    public const string PauseVariable = "ECLUSIER_PAUSE_AT";

    public const string HangVariable = "ECLUSIER_HANG_AT";

    public const string TraceVariable = "ECLUSIER_CRASH_TRACE";

    private const int SigKill = 9;
    private const int SigStop = 19;

    private readonly Lock gate = new();
    private readonly Site? fatal;
    private readonly Site? pause;
    private readonly Site? hang;
    private readonly string? trace;

    private CrashPoint(Site? fatal, Site? pause, Site? hang, string? trace) => (this.fatal, this.pause, this.hang, this.trace) = (fatal, pause, hang, trace);

    /// <returns><c>null</c> when none of the variables is set.</returns>
    /// <exception cref="ArgumentException">What stands behind the colon is no number.</exception>
    public static CrashPoint? FromEnvironment(Func<string, string?> read)
    {
        var point = new CrashPoint(Site.Parse(AtVariable, read), Site.Parse(PauseVariable, read), Site.Parse(HangVariable, read), read(TraceVariable) is { Length: > 0 } file ? file : null);
        return point is { fatal: null, pause: null, hang: null, trace: null } ? null : point;
    }

    internal void Pass(string name)
    {
        bool hangs;
        lock (gate)
        {
            if (trace is not null)
            {
                File.AppendAllText(trace, $"{name}\n");
            }

            if (fatal?.IsReachedBy(name) == true)
            {
                _ = Raise(SigKill); // does not return: it is delivered before the call ends
            }

            if (pause?.IsReachedBy(name) == true)
            {
                _ = Raise(SigStop); // to this thread: it is here that it stops, and returns when it may go on
            }

            hangs = hang?.IsReachedBy(name) == true;
        }

        if (hangs)
        {
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }

    internal void Around(string call, Action work) => Around(call, () =>
    {
        work();
        return true;
    });

    internal T Around<T>(string call, Func<T> work)
    {
        Pass($"{call}.before");
        try
        {
            return work();
        }
        finally
        {
            Pass($"{call}.after");
        }
    }

    internal async Task AroundAsync(string call, Func<Task> work) => await AroundAsync(call, async () =>
    {
        await work();
        return true;
    });

    internal async Task<T> AroundAsync<T>(string call, Func<Task<T>> work)
    {
        Pass($"{call}.before");
        try
        {
            return await work();
        }
        finally
        {
            Pass($"{call}.after");
        }
    }

    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int Raise(int signal);

    /// <summary>A point, the n-th time that it is passed.</summary>
    private sealed class Site(string name, int occurrence)
    {
        private int passed;

        public static Site? Parse(string variable, Func<string, string?> read)
        {
            if (read(variable) is not { Length: > 0 } text)
            {
                return null;
            }

            var (name, times) = text.Split(':', 2) is [var before, var count] ? (before, count) : (text, "1");
            return int.TryParse(times, NumberStyles.None, CultureInfo.InvariantCulture, out var occurrence) && occurrence > 0
                ? new Site(name, occurrence)
                : throw new ArgumentException($"{variable}={text}: expected the name of a point, or `name:n` with n from 1, as journal.open.before:2");
        }

        public bool IsReachedBy(string point) => point == name && ++passed == occurrence;
    }
}

/// <summary>Wraps a seam, when crash points are wanted.</summary>
public static class CrashPointSeams
{
    public static IJournal WithCrashPoints(this IJournal journal, CrashPoint? point) => point is null ? journal : new CrashingJournal(journal, point);

    public static IReleaseStore WithCrashPoints(this IReleaseStore releases, CrashPoint? point) => point is null ? releases : new CrashingReleases(releases, point);

    public static ISourceReader WithCrashPoints(this ISourceReader sources, CrashPoint? point) => point is null ? sources : new CrashingSources(sources, point);

    public static IWorkTree WithCrashPoints(this IWorkTree workTree, CrashPoint? point) => point is null ? workTree : new CrashingWorkTree(workTree, point);

    public static ICompose WithCrashPoints(this ICompose compose, CrashPoint? point, TimeProvider timeProvider) => point is null ? compose : new CrashingCompose(compose, point, timeProvider);

    public static IEngine WithCrashPoints(this IEngine engine, CrashPoint? point) => point is null ? engine : new CrashingEngine(engine, point);

    public static IRegistry WithCrashPoints(this IRegistry registry, CrashPoint? point) => point is null ? registry : new CrashingRegistry(registry, point);

    public static IHealthProbe WithCrashPoints(this IHealthProbe probes, CrashPoint? point) => point is null ? probes : new CrashingProbes(probes, point);
}
