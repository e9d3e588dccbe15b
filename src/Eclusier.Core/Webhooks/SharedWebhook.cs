using Eclusier.Core.Stacks;

namespace Eclusier.Core.Webhooks;

/// <summary>An address for senders that serve several stacks: an organisation at a forge, a registry.</summary>
/// <param name="Stacks">The stacks that it may have looked at; empty: all.</param>
public sealed record SharedWebhook(string Name, SecretSource Secret, IReadOnlyList<string> Stacks);
