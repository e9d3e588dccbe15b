using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Compose;

/// <summary>The variables that Compose sees besides env files: the stack's own, and Eclusier's, which win.</summary>
internal static class StackVariables
{
    public static IReadOnlyDictionary<string, string?> Of(Stack stack, Revision revision)
    {
        var variables = stack.Environment.ToDictionary(variable => variable.Key, string? (variable) => revision.Fill(variable.Value));
        variables["ECLUSIER_STACK"] = stack.Name.Value;
        variables["ECLUSIER_BRANCH"] = revision.RefName;
        variables["ECLUSIER_COMMIT"] = revision.Commit.Value;
        variables["ECLUSIER_COMMIT_SHORT"] = revision.Commit.Short;
        return variables;
    }
}
