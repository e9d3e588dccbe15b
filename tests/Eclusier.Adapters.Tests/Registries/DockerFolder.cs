using System.Text;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Registries;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Registries;

/// <summary>A <c>DOCKER_CONFIG</c> folder of a test's own.</summary>
public sealed class DockerFolder : IDisposable
{
    private readonly LabFolder folder = new();

    public string Path => folder.Path;

    public DockerCredentials Credentials => new(new ProcessRunner(TimeProvider.System), folder.Path);

    public static string Encode(string name, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));

    public DockerFolder With(string json)
    {
        folder.Write("config.json", json);
        return this;
    }

    public DockerFolder WithLogin(string registry, string name, string password) =>
        With($$"""{ "auths": { "{{registry}}": { "auth": "{{Encode(name, password)}}" } } }""");

    public void Dispose() => folder.Dispose();
}

/// <summary>An engine that lists no insecure registry, or those given.</summary>
public sealed class FakeInsecureRegistries(params IReadOnlyList<string> names) : IInsecureRegistries
{
    public int Questions { get; private set; }

    public Task<IReadOnlySet<string>> ReadInsecureRegistriesAsync(CancellationToken cancellationToken)
    {
        Questions++;
        return Task.FromResult<IReadOnlySet<string>>(names.ToHashSet());
    }
}
