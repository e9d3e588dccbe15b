using CsCheck;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Random sequences of commits, moved tags, failures, kills, restarts and commands against a model of what should run.</summary>
/// <remarks>The short run lives the same sequences each time. The long one throws the dice: a failure prints its seed, and <c>CsCheck_Seed=…</c> does that
/// sequence again, made as short as can be.</remarks>
public sealed class ModelSpecs
{
    private static readonly ActKind[] Kinds = ActsByWeight();

    private static readonly Gen<Act[]> Sequences = Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 150], (kind, number) => new Act(Kinds[kind], number)).Array[1, 30];

    /// <summary>On a fake clock a sequence takes milliseconds; one that is still not done is stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Whatever_happens_the_host_ends_up_at_one_proven_release() =>
        Sequences.Array[1_500].Sample(all => Array.ForEach(all, Live), seed: "0000KoproGo0", iter: 1, threads: 1, print: _ => "the same sequences each time");

    [Fact, Trait("Length", "Long")]
    public void Whatever_happens_for_longer_the_host_ends_up_at_one_proven_release() => Sequences.Sample(Live, time: 60, print: Shown);

    private static string Shown(Act[] acts) => string.Join(", ", acts);

    private static void Live(Act[] acts)
    {
        var life = Task.Run(() =>
        {
            using var world = new ModelWorld();
            foreach (var act in acts)
            {
                world.Do(act);
            }

            world.ComeToRest();
        });
        var isDone = Task.WaitAny([life], Patience) == 0;
        Assert.True(isDone, $"after {Patience.TotalSeconds} s nothing came to rest: {Shown(acts)}");
        Assert.True(life.IsCompletedSuccessfully, $"{Shown(acts)}: {life.Exception?.InnerException}");
    }

    private static ActKind[] ActsByWeight() =>
    [
        .. Enum.GetValues<ActKind>(),
        .. Enumerable.Repeat(ActKind.Poll, 8), .. Enumerable.Repeat(ActKind.KillAtInstant, 8), .. Enumerable.Repeat(ActKind.KillAfterSeconds, 3),
        .. Enumerable.Repeat(ActKind.CommitGood, 3), ActKind.CommitCrashing, ActKind.CommitAnsweringBadly, ActKind.Resume,
    ];
}

/// <summary>One thing that happens; what the number means depends on the kind.</summary>
public sealed record Act(ActKind Kind, int Number)
{
    public override string ToString() => $"{Kind}({Number})";
}

public enum ActKind
{
    /// <summary>Time passes, then the agent looks.</summary>
    Poll,
    Deploy,
    Force,
    Retry,
    GoBack,

    /// <summary>To the release of that number, if there is one.</summary>
    GoBackTo,
    Suspend,
    Resume,
    CommitGood,
    CommitSlow,
    CommitCrashing,
    CommitAnsweringBadly,
    CommitUnhealthy,
    CommitThatCannotStart,
    CommitBroken,

    /// <summary>CI has not pushed its image; with an even number it does after so many minutes.</summary>
    CommitWithoutImage,
    MoveTagToGood,
    MoveTagToBad,

    /// <summary>For so many minutes.</summary>
    EngineAway,
    GitAway,
    RegistryAway,

    /// <summary>The agent dies in what it does next, at that side effect, or after so many seconds.</summary>
    KillAtInstant,
    KillAfterSeconds,
    Restart,
    Reboot,

    /// <summary>Somebody takes away all images that nothing uses and nothing keeps.</summary>
    Prune,
}
