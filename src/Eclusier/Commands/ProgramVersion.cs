using System.Globalization;
using System.Reflection;

namespace Eclusier.Commands;

/// <summary>Which program this is.</summary>
/// <param name="Version">The newest tag's, or a pre-release of the one after it: <c>1.2.3</c>, <c>1.2.4-alpha.0.17</c>.</param>
/// <param name="Commit">Whole; with <c>-dirty</c> where the work tree was changed; <c>null</c>: it was built from an archive that does not tell.</param>
/// <param name="Date">The commit's: two builds of one commit are the same.</param>
public sealed record ProgramVersion(string Version, string? Commit, DateTimeOffset? Date)
{
    /// <summary>As `./build` wrote it into the assembly (eng/Version.targets).</summary>
    public static ProgramVersion Of(Assembly assembly)
    {
        var told = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToLookup(attribute => attribute.Key, attribute => attribute.Value);
        return new ProgramVersion(
            assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            told["Commit"].FirstOrDefault() is { Length: > 0 } commit ? commit : null,
            DateTimeOffset.TryParse(told["CommitDate"].FirstOrDefault(), CultureInfo.InvariantCulture, out var date) ? date.ToUniversalTime() : null);
    }
}
