using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Failures;

/// <summary>
/// Takes out of the programs' messages what differs each time although the trouble is the same: a message that changes counts as news,
/// and would be told again at every try.
/// </summary>
internal static partial class VaryingParts
{
    public static string Without(string message)
    {
        message = Elapsed().Replace(message, "");
        message = SourcePort().Replace(message, "$1 …");
        message = Bytes().Replace(message, "");
        message = TemporaryFile().Replace(message, "$1…");
        message = ProcessId().Replace(message, "");
        return EndpointId().Replace(message, "");
    }

    // curl: "Failed to connect to host port 443 after 3 ms: …", "Connection timed out after 10001 milliseconds"
    [GeneratedRegex(@" after \d+ (ms|milliseconds)\b")]
    private static partial Regex Elapsed();

    // Go, so engine, Compose and git-lfs: "read tcp 10.0.0.2:43210->10.0.0.9:443: …"
    [GeneratedRegex(@"\b((?:read|write|dial) (?:tcp|udp)[46]?) \S+:\d+(?=->)")]
    private static partial Regex SourcePort();

    // curl: "transfer closed with 123 bytes remaining to read"; "with 12 out of 34 bytes received"
    [GeneratedRegex(@"(?<=\bwith) \d+(?: out of \d+)?(?= bytes)|\b\d+ (?=bytes (?:remaining|received|of body))")]
    private static partial Regex Bytes();

    // git and Go: "tmp_pack_a1B2c3", "GetImageBlob123456789"
    [GeneratedRegex(@"\b(tmp_(?:obj|pack|idx|rev|mtimes)_|GetImageBlob)[A-Za-z0-9]+")]
    private static partial Regex TemporaryFile();

    // git: "gc is already running on machine 'host' pid 123"
    [GeneratedRegex(@" \(?pid \d+\)?")]
    private static partial Regex ProcessId();

    // the engine: "… on endpoint shop-web-1 (<64 hexadecimal digits>): …"
    [GeneratedRegex(@" \([0-9a-f]{64}\)")]
    private static partial Regex EndpointId();
}
