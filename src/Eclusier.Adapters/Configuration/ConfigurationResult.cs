using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration;

/// <summary>What came out of a configuration file: settings when it has no mistake, else every mistake there is.</summary>
/// <param name="Settings"><c>null</c> when there is at least one problem.</param>
/// <param name="Problems">In the order of the file.</param>
/// <param name="Warnings">Things that are allowed, but that a person should know.</param>
public sealed record ConfigurationResult(
    AgentSettings? Settings, IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationProblem> Warnings);

/// <summary>One mistake in a configuration file; it never holds a secret.</summary>
/// <param name="Line">Counted from 1; 0 when it is about the file as a whole.</param>
/// <param name="Column">Counted from 1; 0 when it is about the file as a whole.</param>
/// <param name="Path">The key, for example <c>stacks.shop.health.probes[0].status</c>; empty for the file as a whole.</param>
public sealed record ConfigurationProblem(string File, int Line, int Column, string Path, string Message)
{
    public override string ToString() => (Line, Path) switch
    {
        (0, _) => $"{File}: {Message}",
        (_, "") => $"{File}:{Line}:{Column}: {Message}",
        _ => $"{File}:{Line}:{Column}: {Path}: {Message}",
    };
}
