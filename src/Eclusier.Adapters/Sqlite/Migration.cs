using System.Globalization;
using System.Reflection;

namespace Eclusier.Adapters.Sqlite;

/// <summary>One numbered change of the database's form.</summary>
/// <param name="Version">What the database's <c>user_version</c> is afterwards.</param>
public sealed record Migration(int Version, string Name, string Sql)
{
    private const string Prefix = "migrations/";

    /// <summary>The program's own, by version: 1, 2, 3 …</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    private static List<Migration> ReadEmbedded()
    {
        var assembly = typeof(Migration).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => Read(assembly, resource))
            .OrderBy(migration => migration.Version)
            .ToList();
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        var name = resource[Prefix.Length..];
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
