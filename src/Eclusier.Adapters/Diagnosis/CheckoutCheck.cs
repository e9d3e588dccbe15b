using Eclusier.Adapters.Files;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The clone that a stack adopted: it is one, can be written, belongs to one user, and nobody edited it.</summary>
public sealed class CheckoutCheck(Stack stack, string path, IWorkTree workTree) : Check("checkout", stack.Name.Value)
{
    private const int Named = 3;

    public override string Remedy => $"look at the clone: `git -C {path} status`";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        if (await workTree.ReadCommitAsync(stack with { Checkout = path }, cancellationToken) is not { } commit)
        {
            return [Warning($"there is no clone at {path} yet", "the first deployment makes it; if there is one elsewhere, put `checkout` right")];
        }

        if (!Rights.MayWrite(path) || !Rights.MayWrite(Path.Combine(path, ".git")))
        {
            return [Problem($"{Environment.UserName} may not write {path}", $"run Eclusier as root, or give it the clone: `chown -R {Environment.UserName} {path}`")];
        }

        var findings = new List<CheckResult>();
        var (tree, git) = (FileOwner.Of(path), FileOwner.Of(Path.Combine(path, ".git")));
        if (tree != git)
        {
            findings.Add(Warning($"{path} belongs to {tree}, its .git to {git} (user:group)", $"`chown -R --reference={path} {path}/.git`"));
        }

        var edited = await workTree.FindEditsAsync(stack with { Checkout = path }, commit, cancellationToken);
        if (edited.Count > 0)
        {
            var names = $"{string.Join(", ", edited.Take(Named))}{(edited.Count > Named ? $" and {edited.Count - Named} more" : "")}";
            findings.Add(Warning($"tracked files were edited on this host: {names}", "commit what is to stay: a deployment saves the edits as a patch (local-changes/ in the state folder) and overwrites them"));
        }

        return findings.Count > 0 ? findings : [Ok($"{path} is at {commit.Short}, as committed")];
    }
}
