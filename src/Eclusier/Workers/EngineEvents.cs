using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.Engine;
using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>Listens to the engine, once for all stacks, and has a stack looked at when something happened to what is its.</summary>
public sealed partial class EngineEvents(IEngineWatch engine, QuietEngine quiet, StoppedContainers stopped, TimeProvider timeProvider, ILogger<EngineEvents> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>What happened while nobody listened is asked for as far back; the engine itself keeps no more than its last 256 events.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromHours(1);

    /// <summary>Until stopped. An engine that went away is tried again for ever; then every stack is looked at.</summary>
    /// <param name="workers">Those there are at the moment.</param>
    public async Task RunAsync(Func<IReadOnlyList<StackWorker>> workers, CancellationToken stopping)
    {
        var since = timeProvider.GetUtcNow() - LookBack;
        var pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var happened in engine.FollowEventsAsync(since, quiet.BeginListening, stopping))
                {
                    (since, pause) = (happened.At, FirstPause);
                    Tell(workers(), happened);
                }
            }
            catch (FailureException exception)
            {
                Log.Lost(logger, pause.TotalSeconds, exception.Message);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            finally
            {
                quiet.EndListening();
            }

            try
            {
                await Task.Delay(pause, timeProvider, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            foreach (var worker in workers())
            {
                worker.LookForDrift(); // what the engine did meanwhile it may have forgotten
            }
        }
    }

    private void Tell(IReadOnlyList<StackWorker> workers, EngineEvent happened)
    {
        quiet.Note(happened); // first: who looks because of it must not find that nothing happened
        if (happened.Kind is EngineEvent.OfImage)
        {
            return; // images are looked for at the next interval
        }

        stopped.Note(happened);
        if (happened.Action is "create" or "start" or "unpause" && happened.Project.Length == 0)
        {
            return; // something new of somebody else's
        }

        foreach (var worker in workers.Where(worker => happened.MayConcernEveryProject || worker.Stack.Project == happened.Project))
        {
            worker.LookForDrift();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "The engine's events ended, listening again in {Seconds} s: {Reason}")]
        public static partial void Lost(ILogger logger, double seconds, string reason);
    }
}
