using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Registries;

/// <summary>Whose login a registry was shown.</summary>
internal enum LoginKind
{
    None,
    Docker,
    Stack,
}

/// <summary>What Docker knows to log in to a registry with: a name and password, or an identity token.</summary>
/// <param name="IdentityToken">When it is there, it counts instead of the password.</param>
public sealed record RegistryLogin(string Username, Secret Password, Secret? IdentityToken = null);
