using Eclusier.Core.Stacks;

namespace Eclusier.Commands;

/// <summary>Which stacks a command is about.</summary>
internal static class StackChoice
{
    /// <summary>The named one, or all.</summary>
    public static IReadOnlyList<StackName> Some(string? named, IReadOnlyList<StackName> configured) =>
        named is not null ? [Named(named, configured)]
        : configured.Count > 0 ? configured
        : throw NoStack();

    /// <summary>The named one, or the only one.</summary>
    public static StackName One(string? named, IReadOnlyList<StackName> configured) => (named, configured) switch
    {
        ({ } name, _) => Named(name, configured),
        (null, [var only]) => only,
        (null, []) => throw NoStack(),
        _ => throw new UsageException($"there are several stacks, name one of them: {All(configured)}"),
    };

    private static StackName Named(string text, IReadOnlyList<StackName> configured)
    {
        if (configured.FirstOrDefault(stack => stack.Value == text) is { } found)
        {
            return found;
        }

        if (configured.Count == 0)
        {
            throw NoStack();
        }

        var guess = Nearest.To(text, configured.Select(stack => stack.Value));
        throw new UsageException($"there is no stack '{text}'{(guess is null ? "" : $", did you mean '{guess}'?")}{(guess is null ? ";" : "")} stacks: {All(configured)}");
    }

    private static UsageException NoStack() => new("no stack is configured");

    private static string All(IReadOnlyList<StackName> configured) => string.Join(", ", configured.Select(stack => stack.Value));
}
