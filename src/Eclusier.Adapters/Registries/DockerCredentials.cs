using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Files;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Registries;

/// <summary>Finds the login that <c>docker</c> itself would use: in its <c>config.json</c>, or from the credential helper named there.</summary>
/// <remarks>The file is read at each use, so that <c>docker login</c> counts at once.</remarks>
public sealed partial class DockerCredentials(IProcessRunner processes, string configDirectory)
{
    // the key under which docker has kept the hub's login since its first version
    internal const string HubKey = "https://index.docker.io/v1/";

    private const string NotFound = "credentials not found in native keychain";

    private const long LongestFile = 1024 * 1024;

    private static readonly TimeSpan HelperTimeLimit = TimeSpan.FromSeconds(20);

    // where the common helpers find their key rings and cloud accounts
    private static readonly IReadOnlyList<string> HelperVariables =
    [
        "PATH", "HOME", "LANG", "TMPDIR", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "PASSWORD_STORE_DIR",
        "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "HTTPS_PROXY", "NO_PROXY",
    ];

    private string ConfigFile => Path.Combine(configDirectory, "config.json");

    /// <summary><c>$DOCKER_CONFIG</c>, or <c>~/.docker</c>.</summary>
    public static string DefaultDirectory() =>
        Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } directory
            ? directory
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <returns><c>null</c> when Docker has no login for the registry.</returns>
    /// <exception cref="FailureException">Rejected: file damaged or not readable, helper missing or failing. Transient: the helper does not answer in time.</exception>
    public async Task<RegistryLogin?> FindAsync(string registry, CancellationToken cancellationToken)
    {
        if (await ReadFileAsync(cancellationToken) is not { } config)
        {
            return null;
        }

        try
        {
            var key = registry == "docker.io" ? HubKey : registry;
            var helper = (string?)(config["credHelpers"] as JsonObject)?[key] ?? (string?)config["credsStore"];
            return string.IsNullOrEmpty(helper)
                ? FindInFile(config["auths"] as JsonObject, key)
                : await AskHelperAsync(helper, key, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or ArgumentException) // a number for a text, no base64, a name twice
        {
            throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' is damaged near the entry of {registry}; run `docker login {registry}` again", exception);
        }
    }

    /// <summary>The stack's own login, or else Docker's.</summary>
    /// <exception cref="FailureException">Transient, besides what the other throws: a secret's file cannot be read.</exception>
    public async Task<RegistryLogin?> FindAsync(string registry, RegistryAccess? access, CancellationToken cancellationToken) => access is { HasLogin: true }
        ? new RegistryLogin(access.Username, SecretOf(access.Password) ?? new Secret(""), SecretOf(access.IdentityToken))
        : await FindAsync(registry, cancellationToken);

    /// <summary>Where a login comes from.</summary>
    public IReadOnlyList<string> FilesOf(RegistryAccess? access) => access is { HasLogin: true }
        ? [.. new[] { access.Password, access.IdentityToken }.OfType<SecretSource.File>().Select(file => Path.GetFullPath(file.Path))]
        : [Path.GetFullPath(ConfigFile)];

    private static Secret? SecretOf(SecretSource? source) => source is null ? null : new Secret(Secrets.Read(source));

    private async Task<JsonObject?> ReadFileAsync(CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(ConfigFile);
            if (!file.Exists)
            {
                return null;
            }

            if (file.Length > LongestFile)
            {
                throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' is larger than 1 MiB; that cannot be right");
            }

            return JsonNode.Parse(await File.ReadAllTextAsync(ConfigFile, cancellationToken)) as JsonObject
                ?? throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' is damaged: it holds no JSON object");
        }
        catch (JsonException exception)
        {
            // only the place: the exception's own text may quote the file, which holds passwords
            throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' is damaged: no JSON at line {exception.LineNumber + 1}");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' cannot be read: {exception.Message}", exception);
        }
    }

    private static RegistryLogin? FindInFile(JsonObject? auths, string key)
    {
        // older versions of docker wrote https://host/v1/ where the newer write host
        var entry = auths?[key] ?? auths?.FirstOrDefault(pair => HostOf(pair.Key) == HostOf(key)).Value;
        if (entry is not JsonObject login)
        {
            return null;
        }

        var (name, password) = ((string?)login["username"] ?? "", (string?)login["password"] ?? "");
        if ((string?)login["auth"] is { Length: > 0 } encoded)
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            var colon = pair.IndexOf(':');
            (name, password) = colon < 0 ? throw new FormatException("no colon") : (pair[..colon], pair[(colon + 1)..].Trim('\0'));
        }

        var token = (string?)login["identitytoken"] is { Length: > 0 } text ? new Secret(text) : null;
        return name.Length == 0 && token is null ? null : new RegistryLogin(name, new Secret(password), token);
    }

    private async Task<RegistryLogin?> AskHelperAsync(string helper, string key, CancellationToken cancellationToken)
    {
        if (!HelperName().IsMatch(helper))
        {
            throw FailureException.Rejected($"Docker's configuration '{ConfigFile}' names a credential helper that cannot be one: '{helper}'");
        }

        var program = $"docker-credential-{helper}";
        var result = await processes.RunAsync(
            new ProcessSpec(program, "get")
            {
                StandardInput = key,
                Inherited = HelperVariables,
                TimeLimit = HelperTimeLimit,
                MaxOutputBytes = 64 * 1024,
            },
            cancellationToken);
        var output = result.StandardOutput.Trim();
        if (!result.Succeeded)
        {
            // helpers say on standard output what went wrong; what looks like a record could hold the secret and is not repeated
            return output.Contains(NotFound, StringComparison.Ordinal)
                ? null
                : throw FailureException.Rejected($"the credential helper '{program}' failed for {key} with exit code {result.ExitCode}{(output.Length is 0 or > 300 || output.Contains('{') ? "" : $": {output}")}");
        }

        JsonNode? answer;
        try
        {
            answer = JsonNode.Parse(output);
        }
        catch (JsonException)
        {
            throw FailureException.Rejected($"the credential helper '{program}' answered something for {key} that is not JSON");
        }

        var (name, secret) = ((string?)answer?["Username"] ?? "", (string?)answer?["Secret"] ?? "");
        return name == "<token>" ? new RegistryLogin("", new Secret(""), new Secret(secret))
            : name.Length == 0 && secret.Length == 0 ? null
            : new RegistryLogin(name, new Secret(secret));
    }

    private static string HostOf(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal);
        var host = start < 0 ? key : key[(start + 3)..];
        return host.Split('/', 2)[0];
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]*\z")]
    private static partial Regex HelperName();
}
