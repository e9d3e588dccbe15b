using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Notifications;

/// <summary>Masks for what is told of a stack and its releases: in the journal, to people, and to whoever is notified.</summary>
public sealed class SecretMasks(SettingsInForce settings, IJournal journal, IReleaseStore releases)
{
    /// <param name="release">The release whose environment must not show; <c>null</c>: there is none yet.</param>
    public SecretMask For(Stack stack, int? release) => For(stack.Name, stack.Environment, release);

    /// <inheritdoc cref="For(Stack, int?)"/>
    public SecretMask For(StackName stack, int? release) => For(stack, settings.FindAlsoGone(stack)?.Environment ?? new Dictionary<string, string>(), release);

    private SecretMask For(StackName stack, IReadOnlyDictionary<string, string> variables, int? release)
    {
        try
        {
            var entry = release is { } number ? journal.FindRelease(stack, number) : null;
            return SecretMask.For(variables, entry is null ? null : releases.FindWholeModel(stack, entry.Id));
        }
        catch (FailureException) // a damaged release folder: the patterns still hide what looks like a secret
        {
            return SecretMask.For(variables, null);
        }
    }
}
