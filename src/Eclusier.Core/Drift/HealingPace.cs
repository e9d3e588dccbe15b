using Eclusier.Core.Deployments;

namespace Eclusier.Core.Drift;

/// <summary>How soon a stack that left its release is brought back: at once the first time, ever later while it keeps leaving.</summary>
public static class HealingPace
{
    /// <summary>What is seen for so long is no restart by hand that is just under way.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Healed so often in a row, it keeps leaving the release: a failure to tell, not a chance event.</summary>
    public const int Repeated = 3;

    /// <summary>So long after its healing, the next one is a new matter.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(15);

    /// <param name="newestFirst">The stack's deployments.</param>
    /// <returns>How often it was healed in a row up to now, and not before when it may be healed again.</returns>
    public static (int InARow, DateTimeOffset NotBefore) Of(IEnumerable<Deployment> newestFirst, DateTimeOffset now)
    {
        var inARow = 0;
        var notBefore = DateTimeOffset.MinValue;
        var next = now;
        foreach (var deployment in newestFirst.Where(deployment => deployment.HasTouchedTheHost))
        {
            if (deployment.Cause is not Cause.Drift || deployment.EndedAt is not { } ended || next - ended > Calm)
            {
                break;
            }

            notBefore = inARow == 0 ? ended : notBefore;
            inARow++;
            next = deployment.StartedAt;
        }

        return (inARow, inARow == 0 ? notBefore : notBefore + PauseAfter(inARow));
    }

    private static TimeSpan PauseAfter(int healings)
    {
        var pause = First * Math.Pow(2, Math.Min(healings, 16));
        return pause < Longest ? pause : Longest;
    }
}
