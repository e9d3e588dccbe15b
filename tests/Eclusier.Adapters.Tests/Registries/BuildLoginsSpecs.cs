using System.Text.Json.Nodes;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Registries;

public sealed class BuildLoginsSpecs : IDisposable
{
    private static readonly RegistryAccess Lan = new("registry.lan:5000") { Username = "me", Password = new SecretSource.Value(new Secret("hunter2")) };

    private readonly DockerFolder docker = new();
    private readonly LabFolder folder = new();

    private string Place => Path.Combine(folder.Path, "build-logins");

    public void Dispose()
    {
        docker.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void It_has_the_stacks_logins_besides_what_docker_knows_and_goes_afterwards()
    {
        docker.With("""{ "credsStore": "desktop", "auths": { "other.lan": { "auth": "b3RoZXI6cHc=" } } }""");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(docker.Path, "cli-plugins")).FullName, "docker-buildx"), "a plugin");
        using (var logins = BuildLogins.Create(Place, docker.Path, [Lan])!)
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(logins.Path, "config.json")))!;
            Assert.Equal(("me", "hunter2"), ((string?)config["auths"]!["registry.lan:5000"]!["username"], (string?)config["auths"]!["registry.lan:5000"]!["password"]));
            Assert.Equal("", (string?)config["credHelpers"]!["registry.lan:5000"]); // else the store would be asked for it
            Assert.Equal(("desktop", "b3RoZXI6cHc="), ((string?)config["credsStore"], (string?)config["auths"]!["other.lan"]!["auth"]));
            Assert.Equal("a plugin", File.ReadAllText(Path.Combine(logins.Path, "cli-plugins", "docker-buildx")));
        }

        Assert.False(Directory.Exists(Place));
        Assert.True(File.Exists(Path.Combine(docker.Path, "cli-plugins", "docker-buildx")));
    }

    [Fact]
    public void Nobody_else_can_read_it()
    {
        using var logins = BuildLogins.Create(Place, docker.Path, [Lan])!;

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(logins.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(logins.Path, "config.json")));
    }

    [Fact]
    public void What_an_agent_that_was_killed_left_there_goes()
    {
        BuildLogins.Create(Place, docker.Path, [Lan]);

        using var anew = BuildLogins.Create(Place, docker.Path, [Lan with { Username = "another" }])!;

        Assert.Contains("another", File.ReadAllText(Path.Combine(anew.Path, "config.json")));
    }

    [Fact]
    public void Without_logins_of_its_own_docker_is_left_as_it_is() =>
        Assert.Null(BuildLogins.Create(Place, docker.Path, [new RegistryAccess("registry.lan:5000") { CertificateFile = "/ca.pem" }]));
}
