namespace Eclusier.Core.Stacks;

/// <summary>A text that is never printed: only <see cref="Reveal"/> gives it away, at the place that needs it.</summary>
public sealed class Secret(string value)
{
    public string Reveal() => value;

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
