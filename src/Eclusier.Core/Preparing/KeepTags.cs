using System.Text.RegularExpressions;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Preparing;

/// <summary>Local tags that keep a release's images: an image known by its digest alone counts as dangling, and <c>docker image prune</c> would take it.</summary>
public static partial class KeepTags
{
    public static string For(StackName stack, string service, int release) => $"eclusier/{Component(stack.Value)}/{Component(service)}:{release}";

    /// <summary>The tag of what was built last for a service.</summary>
    public static string ForBuild(StackName stack, string service) => $"eclusier/{Component(stack.Value)}/{Component(service)}:build";

    /// <summary>A repository's path component: lower case, separators only single and inside. A name that had to be changed gets its hash, so that no two meet.</summary>
    private static string Component(string name)
    {
        var component = Other().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return component == name ? name : $"{component}-{ModelHash.Of(name)[..8]}".TrimStart('-');
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
