using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Registries;

/// <summary>Where a registry says that tokens are given out, and for what.</summary>
internal sealed partial record BearerChallenge(Uri Realm, string? Service, string? Scope)
{
    public static BearerChallenge? Find(HttpHeaderValueCollection<AuthenticationHeaderValue> challenges)
    {
        if (challenges.FirstOrDefault(one => one.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) is not { Parameter: { } text })
        {
            return null;
        }

        var values = Pair().Matches(text).ToLookup(
            match => match.Groups["key"].Value.ToLowerInvariant(),
            match => match.Groups["quoted"].Success ? match.Groups["quoted"].Value.Replace("\\", "") : match.Groups["plain"].Value);
        return Uri.TryCreate(values["realm"].FirstOrDefault(), UriKind.Absolute, out var realm) && realm.Scheme is "http" or "https"
            ? new BearerChallenge(realm, values["service"].FirstOrDefault(), values["scope"].FirstOrDefault())
            : null;
    }

    [GeneratedRegex("""(?<key>[A-Za-z_]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^\s,"]+))""")]
    private static partial Regex Pair();
}
