using System.Runtime.CompilerServices;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Reconciliation;

/// <summary>What a stack should be at, as cheaply as it can be told: enough to see that nothing changed since the last decision.</summary>
/// <param name="Head">What the source points to.</param>
/// <param name="Configuration">The hash of the stack's settings that a release depends on.</param>
/// <param name="Images">The digests of followed tags.</param>
public sealed record Wish(Head Head, string Configuration, string Images)
{
    /// <summary>Worked out once for as long as the settings are in force.</summary>
    private static readonly ConditionalWeakTable<Stack, string> Configurations = new();

    internal const string HostFilesMark = "\nhost files:";

    /// <summary>A pass that finds the key it settled on last has nothing to do.</summary>
    public string Key => $"{Head.Commit}\n{Configuration}\n{Images}";

    /// <summary>What differs from the key settled on last.</summary>
    public Deployments.Cause CauseAgainst(string? settledKey)
    {
        var settled = settledKey?.Split('\n', 3);
        return settled is null || settled[0] != Head.Commit.Value ? Deployments.Cause.Commit
            : settled[1] != Configuration || settledKey!.StartsWith(Key + HostFilesMark, StringComparison.Ordinal) ? Deployments.Cause.ConfigurationChanged
            : Deployments.Cause.ImageMoved;
    }

    /// <summary>The settings that go into a release. How it is checked and kept is not part of it: changing that deploys nothing.</summary>
    public static string ConfigurationOf(Stack stack) => Configurations.GetValue(stack, HashOf);

    private static string HashOf(Stack stack) => ModelHash.Of(string.Join('\n',
        [
            stack.Source.Repository, stack.Source.Selector.GetType().Name, $"{stack.Source.Selector}", stack.Directory, stack.Project, stack.Checkout ?? "", $"{stack.UnsetVariables}",
            .. Marked("compose file", stack.ComposeFiles), .. Marked("env file", stack.EnvFiles ?? ["(default)"]), .. Marked("profile", stack.Profiles),
            .. Marked("registry", stack.Registries.Values.OrderBy(access => access.Registry, StringComparer.Ordinal).Select(access => $"{access.Registry} {access.Username} {access.CertificateFile} {Trace(access.Password)} {Trace(access.IdentityToken)}")),
            .. Marked("expected label", stack.Images.ExpectedLabels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")),
            .. Marked("expected on", stack.Images.ExpectedOn.Order(StringComparer.Ordinal)),
            .. Marked("variable", stack.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={variable.Value}")),
        ]))[..16];

    /// <summary>Twelve bits: enough to see that a login was put right, and too little to try guesses of it by.</summary>
    private static string Trace(SecretSource? secret) => secret switch
    {
        SecretSource.Value value => ModelHash.Of(value.Secret.Reveal())[..3],
        SecretSource.File file => file.Path,
        _ => "",
    };

    private static IEnumerable<string> Marked(string kind, IEnumerable<string> values) => values.Select(value => $"{kind}: {value}");
}
