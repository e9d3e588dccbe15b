using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Core.Deployments;
using Eclusier.Core.Preparing;

namespace Eclusier.Core.Notifications;

/// <summary>Takes out of a text what must not leave the host: values of the release's secret variables, and what looks like a password or a token.</summary>
public sealed partial class SecretMask
{
    private const string Hidden = "***";

    /// <summary>Shorter values would blank out ordinary words.</summary>
    private const int ShortestSecret = 4;

    private readonly IReadOnlyList<string> secrets;

    private SecretMask(IReadOnlyList<string> secrets) => this.secrets = secrets;

    /// <param name="variables">The stack's own variables.</param>
    /// <param name="model">The release's rendered model, with its services' environment; <c>null</c> when there is none.</param>
    public static SecretMask For(IEnumerable<KeyValuePair<string, string>> variables, JsonObject? model)
    {
        var all = variables.Concat(model is null ? [] : ComposeModel.ServicesOf(model).SelectMany(service => EnvironmentOf(service.Value)));
        var given = (model?[ComposeModel.VariablesKey] as JsonObject ?? []).Select(variable => variable.Value?.ToString() ?? ""); // for configs and secrets: whatever their names
        return new SecretMask([.. all.SelectMany(SecretsOf).Concat(given).Where(value => value.Length >= ShortestSecret).Distinct().OrderByDescending(value => value.Length)]);
    }

    public string Apply(string text)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }

        text = UrlPassword().Replace(text, $"$1{Hidden}@");
        text = Scheme().Replace(text, $"$1{Hidden}");
        return Assignment().Replace(text, $"$1{Hidden}");
    }

    public Failure Apply(Failure failure) => failure with
    {
        Message = Apply(failure.Message),
        Evidence = [.. failure.Evidence.Select(evidence => new Evidence(Apply(evidence.Subject), Apply(evidence.Text)))],
    };

    private static IEnumerable<string> SecretsOf(KeyValuePair<string, string> variable)
    {
        if (SecretName().IsMatch(variable.Key))
        {
            yield return variable.Value;
        }

        if (UrlPassword().Match(variable.Value) is { Success: true } url) // postgres://shop:secret@db/shop
        {
            yield return url.Groups[2].Value;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> EnvironmentOf(JsonObject service) => service["environment"] is JsonObject environment
        ? environment.Where(variable => variable.Value is JsonValue).Select(variable => KeyValuePair.Create(variable.Key, variable.Value!.ToString()))
        : [];

    [GeneratedRegex("PASS|PWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|SALT|AUTH|(^|_)KEY(_|$)|APIKEY|DSN", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(://[^/\s:@]*:)([^@\s/]+)@")]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"\b((?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"((?:password|passwd|pwd|secret|token|api[_-]?key)[""']?\s*[=:]\s*[""']?)[^\s""',;&]{4,}", RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();
}
