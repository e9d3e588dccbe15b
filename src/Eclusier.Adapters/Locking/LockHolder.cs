using System.Globalization;

namespace Eclusier.Adapters.Locking;

/// <summary>Who holds a lock, as it wrote itself into the lock file.</summary>
/// <param name="Purpose"><c>monitor</c>, <c>deploy shop</c>.</param>
public sealed record LockHolder(int Pid, DateTimeOffset Since, string Purpose)
{
    /// <summary>What it does at the moment: <c>deploying stack shop since 13:05 UTC</c>; empty: nothing that takes long.</summary>
    public string Doing { get; init; } = "";

    public override string ToString() => $"{Purpose} (pid {Pid}, since {Since:yyyy-MM-dd HH:mm:ss} UTC{(Doing.Length > 0 ? $"; {Doing}" : "")})";

    internal string ToText() => $"{Pid} {Since.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} {Purpose}\n{(Doing.Length > 0 ? $"{Doing}\n" : "")}";

    /// <returns><c>null</c> when the text is not one that a holder wrote completely.</returns>
    internal static LockHolder? Parse(string text)
    {
        var lines = text.Split('\n');
        var parts = lines[0].Split(' ', 3);
        return text.EndsWith('\n')
            && parts.Length == 3
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            && DateTimeOffset.TryParseExact(parts[1], "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
                ? new LockHolder(pid, since, parts[2]) { Doing = lines.Length > 2 ? lines[1] : "" }
                : null;
    }
}
