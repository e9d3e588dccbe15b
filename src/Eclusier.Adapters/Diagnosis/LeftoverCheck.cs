using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>What an interrupted <c>compose up</c> left of a stack: containers with makeshift names, or that cannot start any more, and networks of one name.</summary>
public sealed class LeftoverCheck(Stack stack, IEngine engine) : Check("leftovers", stack.Name.Value)
{
    private string Put => $"`eclusier deploy --force {stack.Name}` puts it in order, as the next deployment does by itself";

    public override string Remedy => "look at the engine first";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        LiveStack live;
        IReadOnlyList<LiveNetwork> networks;
        try
        {
            (live, networks) = (await engine.ObserveAsync(stack.Project, cancellationToken), await engine.ReadNetworksAsync(stack.Project, cancellationToken));
        }
        catch (FailureException)
        {
            return []; // the engine's own check tells it
        }

        var own = live.Containers.Where(container => container.Service.Length > 0 && !container.IsOneOff).ToList();
        IReadOnlyList<CheckResult> findings =
        [
            .. own.Where(LeftoverSweep.IsHalfway).Select(container => Warning($"the container {container.Name} was left by an interrupted `docker compose up`", Put)),
            .. own.Where(LeftoverSweep.IsStuck).Select(container => Warning($"the container {container.Name} cannot be started any more: {container.Error}", Put)),
            .. networks.GroupBy(network => network.Name).Where(namesakes => namesakes.Count() > 1).Select(namesakes => Warning($"there are {namesakes.Count()} networks of the name {namesakes.Key}", Put)),
        ];
        return findings.Count > 0 ? findings : [Ok(own.Count == 0 ? $"nothing of project {stack.Project} is on this host yet" : $"{own.Count} container{(own.Count == 1 ? "" : "s")} of project {stack.Project}, none left over")];
    }
}
