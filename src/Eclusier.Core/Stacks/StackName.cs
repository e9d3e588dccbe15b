using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Eclusier.Core.Stacks;

/// <summary>The name of a stack: lower-case letters, digits, <c>-</c> and <c>_</c>, 1 to 63 characters, beginning with a letter or digit.</summary>
/// <remarks>This is Compose's own rule for project names (compose-spec, "name"), since a stack's name is its default project name.</remarks>
public sealed partial record StackName
{
    private StackName(string value) => Value = value;

    public string Value { get; }

    /// <returns><c>false</c> when <paramref name="text"/> does not keep to the rule.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out StackName? name)
    {
        name = text is not null && Rule().IsMatch(text) ? new StackName(text) : null;
        return name is not null;
    }

    /// <exception cref="FormatException">The text does not keep to the rule.</exception>
    public static StackName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a stack name: use lower-case letters, digits, '-' and '_', beginning with a letter or digit");

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{0,62}\z")]
    private static partial Regex Rule();
}
