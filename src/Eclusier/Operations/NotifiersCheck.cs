using Eclusier.Core.Diagnosis;

namespace Eclusier.Operations;

/// <summary>Whether messages arrive: by sending one to each notifier.</summary>
/// <param name="send"><c>null</c>: nothing is to be sent, only said how many there are.</param>
internal sealed class NotifiersCheck(int count, Func<CancellationToken, Task<NotifyReport>>? send) : Check("notifiers")
{
    public override TimeSpan Limit => TimeSpan.FromSeconds(60);

    public override string Remedy => "`eclusier notify test` tries each by itself";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return [Warning("nobody is told when a deployment fails", "name somebody under `notifiers`, and in `notify` of the stacks: docs/notifications.md")];
        }

        return send is null
            ? [Ok($"{count} configured; `eclusier doctor --notify` sends each a test message")]
            : [.. (await send(cancellationToken)).Tests.Select(test => test.Delivered
                ? Ok($"{test.Notifier} ({test.Type}) took a test message")
                : Problem($"{test.Notifier} ({test.Type}): {test.Error}", $"put `notifiers: {{ {test.Notifier}: … }}` right, then `eclusier notify test {test.Notifier}`"))];
    }
}
