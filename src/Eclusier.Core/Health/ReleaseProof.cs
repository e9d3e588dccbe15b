using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Health;

/// <summary>Puts an applied release to the proof: the health gate, then the soak. What somebody takes away meanwhile is brought back, and the proof begins anew.</summary>
public sealed partial class ReleaseProof(HealthGate gate, ILogger<ReleaseProof> logger)
{
    /// <summary>So often; what goes on vanishing is a failure to tell.</summary>
    public const int MostRestores = 2;

    /// <param name="restore">Applies the release once more.</param>
    /// <param name="record">Does one part of the proof, and writes it down where that is wanted.</param>
    /// <returns>Passed or failed.</returns>
    public async Task<Verdict> RunAsync(
        Stack stack, Release release, Baseline baseline, Func<CancellationToken, Task> restore, Func<Step, Func<Task<Verdict>>, Task<Verdict>> record, CancellationToken cancellationToken)
    {
        for (var restored = 0; ; restored++)
        {
            var verdict = await record(Step.HealthGate, () => gate.WaitAsync(stack, release, baseline, restore, cancellationToken));
            if (verdict is Verdict.Passed && stack.Health.Soak > TimeSpan.Zero)
            {
                var soaked = await record(Step.Soak, () => gate.SoakAsync(stack, release, baseline, restore, cancellationToken));
                verdict = soaked is Verdict.Passed ? verdict : soaked;
            }

            if (verdict is not Verdict.Disturbed disturbed)
            {
                return verdict;
            }

            if (restored == MostRestores)
            {
                return new Verdict.Failed(disturbed.Failure with { Message = $"{disturbed.Failure.Message}; it was brought back {MostRestores} times and vanished again" });
            }

            Log.Restoring(logger, stack.Name, release.Number, disturbed.Failure.Message);
            await restore(cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Somebody took away containers of release #{Release} while it was put to the proof; applying it once more, and beginning anew: {Reason}")]
        public static partial void Restoring(ILogger logger, StackName stack, int release, string reason);
    }
}
