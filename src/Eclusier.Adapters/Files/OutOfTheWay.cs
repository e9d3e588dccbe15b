using System.Globalization;

namespace Eclusier.Adapters.Files;

/// <summary>Names for what is damaged and kept beside its place.</summary>
internal static class OutOfTheWay
{
    public const string Mark = ".damaged-";

    /// <returns>A path that nothing has: <c>eclusier.db.damaged-20260901T120000Z</c>.</returns>
    public static string NameFor(string path, DateTimeOffset at)
    {
        var name = $"{path}{Mark}{at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        var free = name;
        for (var count = 2; Path.Exists(free); count++)
        {
            free = $"{name}-{count}";
        }

        return free;
    }
}
