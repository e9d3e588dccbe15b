using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Core.Stacks;
using Eclusier.Core.Webhooks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>webhook</c> and of <c>webhooks.&lt;name&gt;</c>.</summary>
internal static class WebhookKeys
{
    private const int ShortestSecret = 16;

    public static readonly Key<Secret> Secret = new("secret", new SecretFormat("a secret", ShortComplaint))
    {
        Description = """
            The secret that the sender knows too, of at least 16 characters (`openssl rand -hex 32`); what GitLab calls a signing token (`whsec_…`) is one.
            Better given by `secret_file`.
            """,
        Example = "secret: ${WEBHOOK_SECRET}",
    };

    public static readonly Key<string> SecretFile = new("secret_file", new HostFileFormat("a file that holds the secret"))
    {
        Description = "A file that holds the secret. It is read each time it is needed, so a replaced one counts at once.",
        Example = "secret_file: /etc/eclusier/shop.webhook",
    };

    public static readonly DefaultedKey<IReadOnlyList<Located<string>>> Stacks = new(
        "stacks", new ListFormat<Located<string>>("stacks", new LocatedFormat<string>(new TextFormat("the name of a stack"))), "[]")
    {
        Description = "The stacks that it may have looked at. An empty list means all. Of these, the ones whose repository or images it names are.",
        Example = "stacks: [shop, blog]",
    };

    /// <summary>A stack's own.</summary>
    public static readonly Group<SecretSource> OwnGroup = new(
        "webhook", [Secret, SecretFile], [new KeyRule.OneOf(IsRequired: true, Secret, SecretFile)], reading => NotifierKeys.SecretOf(reading, Secret, SecretFile));

    public static readonly Group<SharedWebhookEntry> SharedGroup = new(
        "a webhook",
        [Secret, SecretFile, Stacks],
        [new KeyRule.OneOf(IsRequired: true, Secret, SecretFile)],
        reading => NotifierKeys.SecretOf(reading, Secret, SecretFile) is { } secret
            ? new SharedWebhookEntry(reading, new SharedWebhook(reading.Field.Name, secret, [.. reading.Value(Stacks).Select(stack => stack.Value)]))
            : null);

    private static string? ShortComplaint(string secret) => secret.Length < ShortestSecret ? $"expected a secret of at least {ShortestSecret} characters" : null;
}

/// <summary>A shared webhook with its places in the file, for the checks between it and the stacks.</summary>
internal sealed record SharedWebhookEntry(GroupReading Reading, SharedWebhook Webhook)
{
    /// <param name="stacks">The names of all stacks, right or wrong in themselves.</param>
    public void Check(IReadOnlyList<string> stacks, IEnumerable<StackEntry> entries)
    {
        foreach (var (name, field) in Reading.Value(WebhookKeys.Stacks).Where(stack => !stacks.Contains(stack.Value)))
        {
            field.Fail($"no stack has this name{NearestWord.Hint(name, stacks)}");
        }

        if (entries.Any(entry => entry.Reading.Field.Name == Webhook.Name && entry.Reading.Has(StackKeys.Webhook)))
        {
            Reading.Field.FailAtKey("the stack of this name has a webhook of its own, and both would be at one address");
        }
    }
}
