using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>The workers, one per configured stack. A reload gives some other settings, sends some away and employs new ones.</summary>
/// <param name="employ">Makes a stack's worker.</param>
public sealed class StackWorkers(DeadAgent deadAgent, Func<Stack, StackWorker> employ, IReadOnlyList<Stack> stacks, EngineEvents events)
{
    /// <summary>A start or a reload with many stacks is no storm: their first looks begin one after the other, 50 a second.</summary>
    private static readonly TimeSpan BetweenFirstLooks = TimeSpan.FromMilliseconds(20);

    private readonly Lock gate = new();
    private readonly List<Employment> working = [];
    private volatile IReadOnlyList<StackWorker> all = [.. stacks.Select(employ)];
    private (bool Polls, CancellationToken Stopping)? begun;

    /// <summary>Those of the configured stacks.</summary>
    public IReadOnlyList<StackWorker> All => all;

    public StackWorker? Find(StackName name) => all.FirstOrDefault(worker => worker.Stack.Name == name);

    /// <summary>Some still finish what is under way on stacks that are no longer theirs.</summary>
    public bool AreLeaving
    {
        get
        {
            lock (gate)
            {
                return working.Any(employment => !employment.Work.IsCompleted && !all.Contains(employment.Worker));
            }
        }
    }

    /// <summary>Why the work on some stack does not go on, or <c>null</c> when it does on all.</summary>
    public string? WhyStuck()
    {
        lock (gate)
        {
            return working.Where(employment => !employment.Work.IsCompletedSuccessfully).Select(employment => employment.Worker.WhyStuck()).FirstOrDefault(why => why is not null);
        }
    }

    /// <summary>Ends when every worker has ended.</summary>
    public async Task RunAsync(bool polls, CancellationToken stopping)
    {
        await deadAgent.ClearAwayAsync();
        lock (gate)
        {
            begun = (polls, stopping);
            foreach (var (place, worker) in all.Index())
            {
                Begin(worker, Task.CompletedTask, place);
            }
        }

        var listening = polls ? Task.Run(() => events.RunAsync(() => all, stopping), CancellationToken.None) : Task.CompletedTask;
        while (true)
        {
            Task[] now;
            lock (gate)
            {
                now = [listening, .. working.Select(employment => employment.Work)];
            }

            await Task.WhenAll(now);
            lock (gate)
            {
                if (working.All(employment => employment.Work.IsCompleted))
                {
                    begun = null;
                    return;
                }
            }
        }
    }

    /// <summary>From now on these stacks. Whoever works on one that stays has its settings from its next pass on; who works on one that does not finishes what is under way.</summary>
    /// <returns>Completes when those that were sent away have gone.</returns>
    public Task Replace(IReadOnlyList<Stack> newStacks)
    {
        lock (gate)
        {
            var before = all;
            var staying = newStacks.Select(stack => before.FirstOrDefault(worker => IsSameWork(worker.Stack, stack))).ToList();
            var leaving = before.Except(staying.OfType<StackWorker>()).ToList();
            leaving.ForEach(worker => worker.Leave());
            foreach (var (place, (worker, stack)) in staying.Zip(newStacks).Index())
            {
                worker?.Take(stack, place * BetweenFirstLooks);
            }

            working.RemoveAll(employment => employment.Work.IsCompletedSuccessfully);
            var going = working.Where(employment => !staying.Contains(employment.Worker)).ToList();
            all = [.. staying.Zip(newStacks, (worker, stack) => worker ?? employ(stack))];
            foreach (var (place, worker) in all.Except(before).Index())
            {
                Begin(worker, EndOf(going.Where(employment => IsInTheWay(employment.Worker.Stack, worker.Stack))), place);
            }

            return EndOf(going);
        }
    }

    /// <summary>However it was.</summary>
    private static Task EndOf(IEnumerable<Employment> employments) =>
        Task.WhenAll(employments.Select(employment => employment.Work)).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Two stacks may have exchanged their projects: nobody begins before who had the same has gone.</summary>
    private static bool IsInTheWay(Stack gone, Stack next) =>
        gone.Name == next.Name || gone.Project == next.Project || (gone.Checkout is not null && gone.Checkout == next.Checkout);

    /// <summary>The host's side is the same: its project and its work tree.</summary>
    private static bool IsSameWork(Stack one, Stack other) => one.Name == other.Name && one.Project == other.Project && one.Checkout == other.Checkout;

    /// <param name="place">Among those that begin now.</param>
    private void Begin(StackWorker worker, Task after, int place)
    {
        if (begun is var (polls, stopping))
        {
            working.Add(new Employment(worker, Task.Run(() => worker.RunAsync(polls, after, place * BetweenFirstLooks, stopping), CancellationToken.None)));
        }
    }

    private sealed record Employment(StackWorker Worker, Task Work);
}
