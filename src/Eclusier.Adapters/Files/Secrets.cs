using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Files;

/// <summary>Reads a secret at the moment it is needed: a file that was replaced counts at once.</summary>
internal static class Secrets
{
    /// <exception cref="FailureException">Transient: the file cannot be read, or is empty.</exception>
    public static string Read(SecretSource source)
    {
        if (source is SecretSource.Value value)
        {
            return value.Secret.Reveal();
        }

        var path = ((SecretSource.File)source).Path;
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : throw FailureException.Transient($"the file {path} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the file {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <exception cref="FailureException">Transient: what the file holds is no address.</exception>
    public static Uri ReadUrl(SecretSource source) =>
        Configuration.Formats.HttpUrlFormat.TryParse(Read(source)) ?? throw FailureException.Transient("what is given as 'url' is no http:// or https:// URL");
}
