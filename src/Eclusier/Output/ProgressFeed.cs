using System.Collections.Immutable;
using System.Threading.Channels;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Microsoft.Extensions.Logging;

namespace Eclusier.Output;

/// <summary>The journal's lines of a stack, for whoever wants to watch it being worked on.</summary>
public sealed class ProgressFeed(TimeProvider timeProvider) : ILoggerProvider
{
    private ImmutableList<ProgressSubscription> _subscriptions = [];

    /// <summary>Calls <paramref name="onLine"/> for each line from now on, one at a time and never on the logging thread; dispose of it to stop.</summary>
    /// <param name="stack"><c>null</c>: of all.</param>
    public ProgressSubscription Subscribe(StackName? stack, Action<ProgressLine> onLine)
    {
        var subscription = new ProgressSubscription(stack?.Value, onLine, Remove, timeProvider);
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Add(one), subscription);
        return subscription;
    }

    public ILogger CreateLogger(string categoryName) => new FeedLogger(this);

    public void Dispose() { }

    private void Remove(ProgressSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Remove(one), subscription);

    private void Publish(LogLine line)
    {
        if (line.Stack is null)
        {
            return;
        }

        var progress = new ProgressLine(timeProvider.GetUtcNow(), line.Stack, Word(line.Level), Text(line));
        foreach (var subscription in _subscriptions)
        {
            subscription.Offer(progress);
        }
    }

    private static string Text(LogLine line) => line.Exception is { } exception && !line.Message.Contains(exception.Message, StringComparison.Ordinal)
        ? $"{line.Message}: {PlainText.OneLine(exception.Message)}"
        : line.Message;

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Warning => "warning",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "information",
    };

    private sealed class FeedLogger(ProgressFeed feed) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && logLevel != LogLevel.None && !feed._subscriptions.IsEmpty;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                feed.Publish(LogLine.Read(logLevel, state, exception, formatter));
            }
        }
    }
}

/// <summary>One watcher of a stack, or of all. Disposing of it asynchronously waits until the lines so far were handed over.</summary>
public sealed class ProgressSubscription : IDisposable, IAsyncDisposable
{
    private const int Capacity = 1000;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    private readonly string? _stack;
    private readonly Action<ProgressSubscription> _remove;
    private readonly TimeProvider _timeProvider;
    private readonly Task _reading;

    // a slow watcher loses the oldest lines; it never holds up the work
    private readonly Channel<ProgressLine> _lines = Channel.CreateBounded<ProgressLine>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    internal ProgressSubscription(string? stack, Action<ProgressLine> onLine, Action<ProgressSubscription> remove, TimeProvider timeProvider)
    {
        _stack = stack;
        _remove = remove;
        _timeProvider = timeProvider;
        _reading = Task.Run(() => ReadAsync(onLine));
    }

    public void Dispose()
    {
        _remove(this);
        _lines.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.WhenAny(_reading, Task.Delay(DrainTimeout, _timeProvider, CancellationToken.None)); // a watcher that hangs must not hold up the outcome
    }

    internal void Offer(ProgressLine line)
    {
        if (_stack is null || line.Stack == _stack)
        {
            _lines.Writer.TryWrite(line);
        }
    }

    private async Task ReadAsync(Action<ProgressLine> onLine)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            onLine(line);
        }
    }
}
