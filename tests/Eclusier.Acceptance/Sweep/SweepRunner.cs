using System.Collections.Concurrent;
using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>Does one run after the other, on some installations at once; after a run that went wrong a new installation takes the place of its own.</summary>
/// <remarks>
/// With <c>ECLUSIER_SWEEP_MINUTES=5</c> each sweep ends after so long, and with <c>ECLUSIER_WRITE_REPORT=1</c> the next invocation goes on where it was:
/// so a complete sweep can be done in slices. <c>ECLUSIER_SWEEP_INSTALLATIONS=6</c> does more at once.
/// </remarks>
internal sealed class SweepRunner(string sweep)
{
    private const int LinesOfAFailure = 80;

    private readonly ConcurrentQueue<SweepResult> results = [];
    private readonly TimeSpan limit = int.TryParse(Environment.GetEnvironmentVariable("ECLUSIER_SWEEP_MINUTES"), out var minutes) ? TimeSpan.FromMinutes(minutes) : Timeout.InfiniteTimeSpan;
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public IReadOnlyCollection<SweepResult> Results => results;

    /// <summary>Runs all, records them for the report, and fails with those that went wrong.</summary>
    public async Task RunAsync<T>(IEnumerable<T> jobs, int installations, Func<SweptStack, T, Task<SweepResult>> run)
    {
        var queue = new ConcurrentQueue<T>(jobs);
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("ECLUSIER_SWEEP_INSTALLATIONS"), out var asked) ? asked : installations;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(wanted, queue.Count)).Select(_ => WorkAsync(queue, run)));
        SweepReport.Write();
        var wrong = results.Where(result => result.Violations.Count > 0).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {results.Count} runs went wrong:\n{string.Join('\n', wrong)}");
    }

    /// <summary>A kill at a crash point, a restart, and the look at what came of it.</summary>
    public static async Task<SweepResult> KillAtAsync(SweptStack stack, Scenario scenario, CrashSite site)
    {
        var attempt = await stack.PrepareAsync(scenario);
        return await JudgedAsync(stack, attempt, $"{site}", async () =>
        {
            await using var program = stack.Start(attempt, (SweptStack.CrashAt, site.Setting));
            return await stack.DiesAsync(program, attempt) ? 1 : 0;
        });
    }

    /// <summary>After the kills: starts the agent, waits until it is at rest, and looks for what must not be.</summary>
    /// <param name="kill">Returns how often it killed.</param>
    public static async Task<SweepResult> JudgedAsync(SweptStack stack, Attempt attempt, string where, Func<Task<int>> kill)
    {
        var result = new SweepResult { Scenario = attempt.Scenario.Title(), Where = where, Kills = 0, Outcome = "?" };
        try
        {
            result = result with { Kills = await kill() };
            var died = DateTimeOffset.UtcNow;
            await stack.Host.StartAsync();
            var history = await stack.RestAsync(attempt);
            var last = history.Deployments.FirstOrDefault(deployment => deployment.Id > attempt.LastDeployment && deployment.Result is not ("interrupted" or "superseded" or "up-to-date" or "blocked"));
            result = result with
            {
                Outcome = last?.Result ?? "given up",
                Seconds = last?.EndedAt > died ? (last.EndedAt - died)?.TotalSeconds : null,
                Violations = await Invariants.FindViolationsAsync(stack, attempt with { Kills = result.Kills }, history),
            };
            await stack.Host.StopAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            result = result with { Violations = [exception.Message] };
        }

        return result.Violations.Count == 0 ? result : result with { Violations = [.. result.Violations, $"the daemon said:\n{string.Join('\n', stack.Host.Journal.TakeLast(LinesOfAFailure))}"] };
    }

    private async Task WorkAsync<T>(ConcurrentQueue<T> queue, Func<SweptStack, T, Task<SweepResult>> run)
    {
        var stack = await SweptStack.CreateAsync();
        try
        {
            while ((limit == Timeout.InfiniteTimeSpan || watch.Elapsed < limit) && queue.TryDequeue(out var job))
            {
                var result = await run(stack, job);
                results.Enqueue(result);
                Console.WriteLine(result);
                SweepReport.Add(sweep, result);
                if (result.Violations.Count > 0)
                {
                    await stack.DisposeAsync();
                    stack = await SweptStack.CreateAsync();
                }
            }
        }
        finally
        {
            await stack.DisposeAsync();
        }
    }
}
