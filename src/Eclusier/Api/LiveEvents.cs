using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Api;

/// <summary>What happens, as it happens: the journal's lines, and each stack's status when it changes. Looks only while somebody watches, once for all who do.</summary>
internal sealed partial class LiveEvents(ProgressFeed feed, AgentFor agentFor, TimeProvider timeProvider, ILogger<LiveEvents> logger)
{
    public const int MostWatchers = 64;

    /// <summary>How soon after a line of the journal the status is read: a burst of lines is one change.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(300);

    /// <summary>A container's health changes without a line: every so many ticks all are read.</summary>
    private const int TicksPerLook = 10;

    private static readonly Caller Itself = new("live events", Role.Read, "local");

    private readonly Lock gate = new();
    private readonly List<LiveWatcher> watchers = [];
    private readonly Dictionary<string, (string Compared, ReadOnlyMemory<byte> Frame)> lastStatus = [];
    private readonly ConcurrentDictionary<string, bool> changed = new();
    private bool isLooking;

    /// <param name="stack"><c>null</c>: all.</param>
    /// <returns><c>null</c>: as many watch already as may.</returns>
    public LiveWatcher? TryWatch(StackName? stack)
    {
        lock (gate)
        {
            if (watchers.Count >= MostWatchers)
            {
                return null;
            }

            var watcher = new LiveWatcher(stack?.Value, Leave);
            watchers.Add(watcher);
            foreach (var (name, status) in lastStatus)
            {
                watcher.Offer(name, status.Frame);
            }

            if (!isLooking)
            {
                isLooking = true;
                _ = Task.Run(LookAsync);
            }

            return watcher;
        }
    }

    private void Leave(LiveWatcher watcher)
    {
        lock (gate)
        {
            watchers.Remove(watcher);
        }
    }

    private async Task LookAsync()
    {
        using var lines = feed.Subscribe(null, line =>
        {
            Publish(line.Stack, Frame("progress"u8, line, AgentJson.Readable.ProgressLine));
            changed[line.Stack] = true;
        });
        for (var tick = 0; IsWatched(); tick++)
        {
            if (tick % TicksPerLook == 0)
            {
                changed.Clear();
                await ReadAsync(null);
            }

            foreach (var name in changed.Keys)
            {
                if (changed.TryRemove(name, out _) && StackName.TryParse(name, out var stack))
                {
                    await ReadAsync(stack);
                }
            }

            await Task.Delay(Tick, timeProvider, CancellationToken.None);
        }
    }

    /// <summary>When nobody watches any more, what was known is forgotten: the next one is to see how it stands then.</summary>
    private bool IsWatched()
    {
        lock (gate)
        {
            isLooking = watchers.Count > 0;
            if (!isLooking)
            {
                lastStatus.Clear();
            }

            return isLooking;
        }
    }

    private async Task ReadAsync(StackName? stack)
    {
        try
        {
            var statuses = await agentFor(Itself, "").StatusAsync(stack, CancellationToken.None); // each call has a deadline of its own
            if (stack is null)
            {
                var names = statuses.Select(status => status.Stack).ToHashSet();
                Forget(name => !names.Contains(name));
            }

            foreach (var status in statuses)
            {
                // that it was looked for something new again changes nothing
                var compared = JsonSerializer.Serialize(status with { LastCheckAt = null, NextCheckAt = null }, AgentJson.Readable.StackStatus);
                PublishStatus(status.Stack, compared, Frame("status"u8, status, AgentJson.Readable.StackStatus));
            }
        }
        catch (RequestException)
        {
            Forget(name => name == stack?.Value); // it is no longer configured
        }
        catch (Exception exception) // the next look may find it; those who watch see no more of it than that nothing comes
        {
            Log.NotRead(logger, exception);
        }
    }

    private void Forget(Func<string, bool> isGone)
    {
        lock (gate)
        {
            foreach (var gone in lastStatus.Keys.Where(isGone).ToList())
            {
                lastStatus.Remove(gone);
            }
        }
    }

    private void PublishStatus(string stack, string compared, ReadOnlyMemory<byte> frame)
    {
        lock (gate)
        {
            if (!lastStatus.TryGetValue(stack, out var last) || last.Compared != compared)
            {
                lastStatus[stack] = (compared, frame);
                Publish(stack, frame);
            }
        }
    }

    private void Publish(string stack, ReadOnlyMemory<byte> frame)
    {
        lock (gate)
        {
            foreach (var watcher in watchers)
            {
                watcher.Offer(stack, frame);
            }
        }
    }

    /// <summary>As https://html.spec.whatwg.org/multipage/server-sent-events.html wants it; JSON has no line breaks.</summary>
    private static ReadOnlyMemory<byte> Frame<T>(ReadOnlySpan<byte> type, T value, JsonTypeInfo<T> json)
    {
        var frame = new ArrayBufferWriter<byte>(512);
        frame.Write("event: "u8);
        frame.Write(type);
        frame.Write("\ndata: "u8);
        frame.Write(JsonSerializer.SerializeToUtf8Bytes(value, json));
        frame.Write("\n\n"u8);
        return frame.WrittenMemory;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "A status could not be read for those who watch")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }
}
