using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>Stacks at a glance: one in a block, several in a table.</summary>
internal sealed class StatusView(Times times)
{
    public Page Of(IReadOnlyList<StackStatus> stacks) => stacks.Count == 1 ? Block(stacks[0]) : Table(stacks);

    private Page Table(IReadOnlyList<StackStatus> stacks) => new Page().Listing(
        ["STACK", "STATE", "RELEASE", "COMMIT", "LAST CHECK", "NEXT CHECK", "MESSAGE"],
        [.. stacks.Select(stack => (IReadOnlyList<Cell>)
        [
            new Cell(stack.Stack, Tone.Strong),
            Words.State(stack.State),
            Words.Number(stack.Running?.Number),
            Words.Commit(stack.Running?.Commit),
            stack.LastCheckAt is { } last ? times.Relative(last) : "never",
            stack.NextCheckAt is { } next ? times.Relative(next) : "",
            stack.Message,
        ])]);

    private Page Block(StackStatus stack)
    {
        var page = new Page()
            .Heading(new Cell($"{stack.Stack}: {stack.State}", Words.State(stack.State).Tone))
            .Sentence(stack.Message)
            .Gap()
            .Facts([.. Facts(stack)]);
        return stack.Services.Count == 0 ? page : page.Gap().Listing(
            ["SERVICE", "CONTAINER", "STATE", "HEALTH", "RESTARTS", "STARTED", "IMAGE"],
            [.. stack.Services.Select(service => (IReadOnlyList<Cell>)
            [
                service.Service,
                service.Container,
                Words.State(service.State),
                Words.State(service.Health),
                new Cell($"{service.Restarts}", service.Restarts > 0 ? Tone.Warning : Tone.Plain),
                service.StartedAt is { } started ? times.Relative(started) : "",
                service.Image,
            ])]);
    }

    private IEnumerable<Fact> Facts(StackStatus stack)
    {
        if (stack.SuspendedBecause is { } why)
        {
            yield return new Fact("suspended", new Cell(why, Tone.Warning));
        }

        yield return new Fact("running", stack.Running is { } running ? Words.Release(running) : "nothing that is known");
        if (stack.Running?.CommittedAt is { } committed)
        {
            yield return new Fact("", $"committed {times.Both(committed)}");
        }

        yield return new Fact("last known good", stack.LastKnownGood is { } good ? Words.Release(good) : "none yet");
        if (stack.RollbackPossible is { } possible)
        {
            yield return new Fact("rollback", possible ? new Cell("possible", Tone.Good) : new Cell($"not possible: {stack.RollbackObstacle ?? "something of the last known good release is not on this host"}", Tone.Bad));
        }

        foreach (var damaged in stack.Damaged)
        {
            yield return new Fact("damaged", new Cell(damaged, Tone.Bad));
        }

        if (stack.Desired is { } desired)
        {
            yield return new Fact("desired", Words.Revision(desired));
        }

        foreach (var quarantined in stack.Quarantined)
        {
            yield return new Fact("quarantined", new Cell(Words.Release(quarantined), Tone.Bad));
            yield return new Fact("", quarantined.QuarantineReason);
        }

        if (stack.Deployment is { } deployment)
        {
            yield return new Fact("deploying", $"{Words.Number(deployment.Release)} {Words.Commit(deployment.Commit)} because of {deployment.Cause}, begun {times.Both(deployment.StartedAt)}".TrimStart());
            if (deployment.Steps is [.., var step])
            {
                yield return new Fact("", $"at {step.Step}, since {times.Relative(step.StartedAt)}");
            }
        }

        if (stack.Trouble is { } trouble)
        {
            yield return new Fact("trouble", new Cell($"{trouble.Kind}: {trouble.Message}", Tone.Warning));
            yield return new Fact("", $"began {times.Both(trouble.Since)}{Until(trouble)}, {Attempts(trouble.Attempts)}");
        }

        if (stack.Drift is { } drift)
        {
            yield return new Fact("drift", new Cell(drift.Message, Tone.Warning));
            yield return new Fact("", $"since {times.Both(drift.Since)}");
        }

        foreach (var image in stack.HeldBack)
        {
            yield return new Fact("held back", $"{image.Image}: {image.Digest[..Math.Min(19, image.Digest.Length)]} is taken from {times.Both(image.TakenFrom)} on (`images.min_age`)");
        }

        yield return new Fact("last check", stack.LastCheckAt is { } last ? times.Both(last) : "never");
        if (stack.NextCheckAt is { } next)
        {
            yield return new Fact(stack.Trouble is { Kind: "transient" or "ambiguous" or "waiting" } ? "next try" : "next check", times.Both(next));
        }
    }

    private string Until(TroubleReport trouble) => trouble.Until is { } until ? $", is waited for until {times.Absolute(until)} ({times.Relative(until)})" : "";

    private static string Attempts(int attempts) => attempts == 1 ? "1 attempt" : $"{attempts} attempts";
}
