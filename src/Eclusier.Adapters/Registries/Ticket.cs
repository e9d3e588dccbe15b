using System.Net.Http.Headers;

namespace Eclusier.Adapters.Registries;

/// <summary>What is shown at the door, and how long it is good for.</summary>
internal sealed class Ticket(AuthenticationHeaderValue header, DateTimeOffset expiresAt, LoginKind login)
{
    public AuthenticationHeaderValue Header => header; // a class: a record's ToString would print the secret

    public DateTimeOffset ExpiresAt => expiresAt;

    public LoginKind Login => login;
}
