using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>A moment of an update, seen from outside: it is the same one for everybody who updates.</summary>
/// <param name="What">For the table: <c>in the pull</c>.</param>
/// <param name="Change">What the version is like that is pushed.</param>
/// <param name="Watch">Begins to watch a Compose project.</param>
internal sealed record KillPoint(string What, Func<Behaviour, Behaviour> Change, Func<string, CancellationToken, Task<Moment>> Watch)
{
    /// <summary>The version does not work: the one before it is to come back.</summary>
    public bool IsBad { get; init; }

    /// <param name="images">Before the registry.</param>
    public static KillPoint Pulling(CountingRelay images) => new(
        "while the image is pulled",
        behaviour => behaviour with { Padding = 32 * 1024 * 1024 },
        (_, cancellationToken) => Task.FromResult(Moment.OfBytes(images, 8 * 1024 * 1024, cancellationToken)));

    /// <param name="action">As the engine calls what happens to a container: <c>create</c>.</param>
    public static KillPoint Event(string what, string action) => new(what, behaviour => behaviour, (project, cancellationToken) => Moment.OfEventAsync(project, action, cancellationToken));
}

/// <summary>Something that comes, and is waited for.</summary>
internal sealed class Moment : IAsyncDisposable
{
    private readonly TaskCompletionSource coming = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource ending;
    private LabProcess? events;
    private Task watching = Task.CompletedTask;

    private Moment(CancellationToken cancellationToken) => ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>So many more bytes have gone through the relay.</summary>
    public static Moment OfBytes(CountingRelay relay, long bytes, CancellationToken cancellationToken)
    {
        var moment = new Moment(cancellationToken);
        moment.watching = moment.AwaitBytesAsync(relay, relay.Read().Bytes + bytes);
        return moment;
    }

    /// <summary>The engine tells that this has happened to a container of the project.</summary>
    public static async Task<Moment> OfEventAsync(string project, string action, CancellationToken cancellationToken)
    {
        var moment = new Moment(cancellationToken);
        moment.events = LabProcess.Start("docker", ["events", "--filter", "type=container", "--filter", $"event={action}", "--filter", $"label=com.docker.compose.project={project}", "--format", "{{.Action}}"], onLine: _ => moment.coming.TrySetResult());
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken); // until it listens: it does not say when
        return moment;
    }

    public Task ComesAsync(TimeSpan within, CancellationToken cancellationToken) => coming.Task.WaitAsync(within, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching;
        await (events?.DisposeAsync() ?? ValueTask.CompletedTask);
        ending.Dispose();
    }

    private async Task AwaitBytesAsync(CountingRelay relay, long bytes)
    {
        while (!ending.IsCancellationRequested && relay.Read().Bytes < bytes)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        }

        coming.TrySetResult();
    }
}
