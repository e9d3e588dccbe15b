using Eclusier.Adapters.Compose;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Compose;

/// <summary>Compose quotes env files that it cannot read, and values that do not fit: as it was seen to.</summary>
public sealed class EnvFileSecretsSpecs : IDisposable
{
    private readonly LabFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("failed to read /srv/.env: line 2: unexpected character \"\\\"\" in variable name \"\\\"DB=hunter3secret\"", "failed to read /srv/.env: line 2: unexpected character (what it says there is not shown)")]
    [InlineData("failed to read /srv/.env: line 3: unterminated quoted value \"hunter3secret", "failed to read /srv/.env: line 3: unterminated quoted value (what it says there is not shown)")]
    [InlineData("failed to read /srv/.env: Invalid template: \"${hunter3secret\"", "failed to read /srv/.env: Invalid template: (what it says there is not shown)")]
    [InlineData("failed to read /srv/.env: line 2: key cannot contain a space", "failed to read /srv/.env: line 2: key cannot contain a space")]
    [InlineData("error decoding 'services[a].mem_limit': invalid size: 'hunter2secret'", "error decoding 'services[a].mem_limit': invalid size: '***'")]
    [InlineData("Invalid containerPort: hunter2secret", "Invalid containerPort: ***")]
    [InlineData("Invalid containerPort: from-the-stack", "Invalid containerPort: ***")]
    [InlineData("services.web.environment.MODE must be a string: plain", "services.web.environment.MODE must be a string: plain")]
    public void What_it_quotes_is_not_told(string said, string told)
    {
        var file = Path.Combine(folder.Path, ".env");
        File.WriteAllText(file, "# settings\nMODE=plain\nexport DB_PASSWORD=\"hunter2secret\"\n");

        Assert.Equal(told, EnvFileSecrets.Hide(said, [KeyValuePair.Create("API_TOKEN", "from-the-stack")], [file, file + ".missing"]));
    }
}
