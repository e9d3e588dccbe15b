namespace Eclusier.Core.Stacks;

/// <summary>A text that is never printed: only <see cref="Reveal"/> gives it away, at the place that needs it.</summary>
/// <remarks>Two are equal when their texts are: stacks that share a login share what was asked with it.</remarks>
public sealed class Secret(string value) : IEquatable<Secret>
{
    public string Reveal() => value;

    public bool Equals(Secret? other) => other is not null && other.Reveal() == value;

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "***";
}

/// <summary>Where a secret is read from, at the moment it is needed, so that a file that was replaced counts at once.</summary>
public abstract record SecretSource
{
    private SecretSource() { }

    /// <summary>A value given in the configuration, usually through <c>${NAME}</c>.</summary>
    public sealed record Value(Secret Secret) : SecretSource;

    /// <summary>A file whose content, without white space around it, is the secret.</summary>
    public sealed record File(string Path) : SecretSource;
}
