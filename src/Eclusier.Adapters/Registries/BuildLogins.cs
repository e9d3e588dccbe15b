using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>A folder for <c>DOCKER_CONFIG</c> with a stack's own logins, for the time of a build: the images that a Dockerfile begins with may be private.</summary>
/// <remarks>Nobody but the agent's user can read it. Everything else is as in Docker's own folder.</remarks>
internal sealed class BuildLogins : IDisposable
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private BuildLogins(string path) => Path = path;

    public string Path { get; }

    /// <param name="path">Where it is to be; what an agent that was killed left there goes.</param>
    /// <param name="original">Docker's own folder.</param>
    /// <returns><c>null</c>: the stack has no logins of its own.</returns>
    /// <exception cref="FailureException">Rejected: Docker's own configuration is damaged. Transient: a secret's file cannot be read.</exception>
    public static BuildLogins? Create(string path, string original, IEnumerable<RegistryAccess> registries)
    {
        var own = registries.Where(access => access.HasLogin).ToList();
        if (own.Count == 0)
        {
            return null;
        }

        var logins = new BuildLogins(path);
        try
        {
            logins.Dispose();
            Directory.CreateDirectory(path, OwnersFolder);
            var file = System.IO.Path.Combine(original, "config.json");
            foreach (var entry in Directory.Exists(original) ? Directory.EnumerateFileSystemEntries(original).Where(entry => entry != file) : [])
            {
                File.CreateSymbolicLink(System.IO.Path.Combine(path, System.IO.Path.GetFileName(entry)), entry); // plugins, contexts, builders
            }

            using var written = new FileStream(System.IO.Path.Combine(path, "config.json"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            using var writer = new Utf8JsonWriter(written);
            With(Read(file), own).WriteTo(writer);
            return logins;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the registry logins for a build cannot be written to '{path}': {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true); // links are removed, not followed
        }
    }

    private static JsonObject Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            throw FailureException.Rejected($"Docker's configuration '{file}' is damaged: it is no JSON"); // its text may be quoted by the cause
        }
    }

    private static JsonObject With(JsonObject configuration, IEnumerable<RegistryAccess> registries)
    {
        var auths = Section("auths");
        var helpers = Section("credHelpers");
        foreach (var access in registries)
        {
            var key = access.Registry == "docker.io" ? DockerCredentials.HubKey : access.Registry;
            helpers[key] = ""; // no helper: else it would be asked instead
            auths[key] = new JsonObject
            {
                ["username"] = access.Username,
                ["password"] = access.Password is { } password ? Secrets.Read(password) : "",
                ["identitytoken"] = access.IdentityToken is { } token ? Secrets.Read(token) : "",
            };
        }

        return configuration;

        JsonObject Section(string name)
        {
            var section = configuration[name] as JsonObject ?? [];
            configuration[name] = section;
            return section;
        }
    }
}
