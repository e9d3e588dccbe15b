using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Liveness;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>After the host has started, Docker gets a minute to start a stack's containers again before anything is judged by them.</summary>
/// <param name="bootId">Another one after each start of the host.</param>
public sealed partial class BootGrace(IEngine engine, IJournal journal, string bootId, TimeProvider timeProvider, ILogger<BootGrace> logger)
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Waits, if the host has started since <see cref="Record"/>: until all that Docker starts by itself runs, a minute at most from its first answer.</summary>
    /// <returns>Whether the host has started since.</returns>
    public async Task<bool> AwaitAsync(Stack stack, CancellationToken stopping)
    {
        if (journal.ReadState(stack.Name).BootId is not { } known || known == bootId)
        {
            return false;
        }

        DateTimeOffset? end = null;
        while (await FindMissingAsync(stack, stopping) is { Count: > 0 } missing)
        {
            if (end is null)
            {
                end = timeProvider.GetUtcNow() + Longest;
                Log.Waiting(logger, stack.Name, string.Join(", ", missing));
            }

            if (timeProvider.GetUtcNow() >= end)
            {
                break;
            }

            using var expected = SignsOfLife.Expect("Docker, to start its containers,", Pace);
            await Task.Delay(Pace, timeProvider, stopping);
        }

        return true;
    }

    /// <summary>What runs from now on is judged.</summary>
    public void Record(Stack stack)
    {
        if (journal.ReadState(stack.Name).BootId != bootId)
        {
            journal.RecordBoot(stack.Name, bootId);
        }
    }

    /// <summary>Containers that Docker starts by itself, and has not yet.</summary>
    private async Task<List<string>> FindMissingAsync(Stack stack, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(stack.Project, cancellationToken);
        return [.. live.Containers
            .Where(container => container is { IsOneOff: false, IsRunning: false, State: not "created", RestartPolicy: "always" or "unless-stopped" })
            .Select(container => container.Name)];
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: The host has started; Docker gets a minute to start {Containers}")]
        public static partial void Waiting(ILogger logger, StackName stack, string containers);
    }
}
