using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>registries.&lt;name&gt;</c>.</summary>
internal static partial class RegistryKeys
{
    public static readonly Key<string> UserName = new("username", new TextFormat("a user name without ':'", NoColon()))
    {
        Description = "The user name that goes with the password.",
        Example = "username: deploy",
    };

    public static readonly Key<Secret> Password = new("password", new SecretFormat("a password"))
    {
        Description = "The password, or the access token that the registry takes as one. Don't write it here: take it from the environment, or use `password_file`.",
        Example = "password: ${REGISTRY_PASSWORD}",
    };

    public static readonly Key<string> PasswordFile = new("password_file", new HostFileFormat("a file that holds a password"))
    {
        Description = "A file that holds the password. It is read each time it is needed, so a replaced one counts at once.",
        Example = "password_file: /etc/eclusier/registry.password",
    };

    public static readonly Key<string> TokenFile = new("token_file", new HostFileFormat("a file that holds an identity token"))
    {
        Description = "A file that holds an identity token (an OAuth refresh token), which the registry's token service exchanges. Instead of name and password.",
        Example = "token_file: /etc/eclusier/registry.token",
    };

    public static readonly Key<string> CertificateFile = new("ca_file", new HostFileFormat("a file with certificates in PEM"))
    {
        Description = """
            Authorities to trust for this registry, in PEM. It counts for Eclusier's own questions; Docker pulls, and needs the same file as
            `/etc/docker/certs.d/<host:port>/ca.crt`, where Eclusier looks, too.
            """,
        Otherwise = "the authorities of this host, and those in `/etc/docker/certs.d`",
        Example = "ca_file: /etc/eclusier/registry-ca.pem",
    };

    public static readonly Group<RegistryAccess> Group = new(
        "a registry",
        [UserName, Password, PasswordFile, TokenFile, CertificateFile],
        [new KeyRule.OneOf(IsRequired: false, Password, PasswordFile, TokenFile), new KeyRule.OnlyWith(UserName, Password, PasswordFile)],
        Build);

    /// <summary>Host and port, as image names begin.</summary>
    [GeneratedRegex("^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?$")]
    public static partial Regex Host();

    private static RegistryAccess? Build(GroupReading reading)
    {
        var hasPassword = reading.Has(Password) || reading.Has(PasswordFile);
        if (hasPassword && !reading.Has(UserName))
        {
            reading.Field.FailAtKey("'username' is missing, which a password needs");
        }

        if (!hasPassword && !reading.Has(TokenFile) && !reading.Has(CertificateFile))
        {
            reading.Field.FailAtKey("one of 'password_file', 'token_file' or 'ca_file' is missing");
        }

        return new RegistryAccess(reading.Field.Name)
        {
            Username = reading.Find(UserName) ?? "",
            Password = reading.Find(Password) is { } password ? new SecretSource.Value(password) : reading.Find(PasswordFile) is { } file ? new SecretSource.File(file) : null,
            IdentityToken = reading.Find(TokenFile) is { } token ? new SecretSource.File(token) : null,
            CertificateFile = reading.Find(CertificateFile),
        };
    }

    [GeneratedRegex("^[^:]+$")]
    private static partial Regex NoColon();
}
