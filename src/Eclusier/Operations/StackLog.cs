using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Stacks;
using Eclusier.Output;

namespace Eclusier.Operations;

/// <summary>What a stack's containers printed and what was done to it, together and in order.</summary>
internal sealed class StackLog(Stack stack, IJournal journal, IEngine engine, ProgressFeed feed)
{
    private const string Own = "eclusier";

    public async IAsyncEnumerable<LogEntry> ReadAsync(int lines, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await ReadPastAsync(lines, cancellationToken))
        {
            yield return entry;
        }

        if (!follow)
        {
            yield break;
        }

        var live = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
        using var watching = feed.Subscribe(stack.Name, line => live.Writer.TryWrite(new LogEntry(line.At, Own, line.Message)));
        var following = FollowContainersAsync(live.Writer, cancellationToken);
        await foreach (var entry in live.Reader.ReadAllAsync(cancellationToken))
        {
            yield return entry;
        }

        await following;
    }

    private async Task FollowContainersAsync(ChannelWriter<LogEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in engine.FollowLogsAsync(stack.Project, cancellationToken))
            {
                entries.TryWrite(new LogEntry(line.At, line.ContainerName, line.Text));
            }

            entries.TryComplete();
        }
        catch (Exception exception) // the reader gets it
        {
            entries.TryComplete(exception);
        }
    }

    private async Task<IReadOnlyList<LogEntry>> ReadPastAsync(int lines, CancellationToken cancellationToken)
    {
        var containers = (await engine.ObserveAsync(stack.Project, cancellationToken)).Containers;
        var printed = await Task.WhenAll(containers.Select(container => engine.ReadLogsAsync(container, lines, cancellationToken)));
        return
        [
            .. printed.SelectMany(container => container).Select(line => new LogEntry(line.At, line.ContainerName, line.Text))
                .Concat(journal.ReadDeployments(stack.Name, limit: 10).SelectMany(LinesOf))
                .OrderBy(entry => entry.At).TakeLast(lines),
        ];
    }

    private static IEnumerable<LogEntry> LinesOf(Deployment deployment)
    {
        yield return new LogEntry(deployment.StartedAt, Own, $"deployment {deployment.Id} of {deployment.Commit.Short} {deployment.Subject} begins ({deployment.Cause.ToWord()})");
        foreach (var step in deployment.Steps.Where(step => step.EndedAt is not null))
        {
            yield return new LogEntry(step.EndedAt!.Value, Own, $"{step.Step.ToWord()} {(step.Succeeded == true ? "done" : "failed")}: {step.Detail}");
        }

        if (deployment is { Result: { } result, EndedAt: { } ended })
        {
            yield return new LogEntry(ended, Own, $"deployment {deployment.Id} ends: {result.ToWord()}{(deployment.Reason.Length > 0 ? $": {deployment.Reason}" : "")}");
        }
    }
}
