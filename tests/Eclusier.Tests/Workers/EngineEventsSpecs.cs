using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.Engine;
using Eclusier.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Tests.Workers;

/// <summary>The engine is relied on to tell of what happens only while it is heard.</summary>
public sealed class EngineEventsSpecs : IAsyncDisposable
{
    private readonly TalkingEngine engine = new();
    private readonly QuietEngine quiet = new(TimeProvider.System);
    private readonly CancellationTokenSource stop = new();
    private readonly Task listening;

    public EngineEventsSpecs() => listening = new EngineEvents(engine, quiet, new StoppedContainers(), TimeProvider.System, NullLogger<EngineEvents>.Instance).RunAsync(() => [], stop.Token);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await listening;
        stop.Dispose();
    }

    [Fact]
    public async Task Nothing_is_vouched_for_before_the_engine_has_answered()
    {
        Assert.False(quiet.WasQuietSince(quiet.NowOfProject("shop")));

        engine.Answer();

        await UntilAsync(() => quiet.WasQuietSince(quiet.NowOfProject("shop")));
    }

    [Fact]
    public async Task An_event_ends_what_was_vouched_for_and_a_look_after_it_counts()
    {
        engine.Answer();
        await UntilAsync(() => quiet.WasQuietSince(quiet.NowOfProject("shop")));
        var (before, images) = (quiet.NowOfProject("shop"), quiet.NowOfImages());

        engine.Tell(new EngineEvent(TimeProvider.System.GetUtcNow(), "shop", "die", "id", ""));

        await UntilAsync(() => !quiet.WasQuietSince(before));
        Assert.True(quiet.WasQuietSince(images));
        Assert.True(quiet.WasQuietSince(quiet.NowOfProject("shop")));
    }

    [Fact]
    public async Task What_was_seen_before_a_gap_is_not_vouched_for_after_it()
    {
        engine.Answer();
        await UntilAsync(() => quiet.WasQuietSince(quiet.NowOfImages()));
        var before = quiet.NowOfImages();

        engine.GoAway();
        await UntilAsync(() => !quiet.WasQuietSince(before));
        engine.Answer();

        await UntilAsync(() => quiet.WasQuietSince(quiet.NowOfImages()));
        Assert.False(quiet.WasQuietSince(before));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isSo())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    /// <summary>Answers when it is told to, and goes away when it is told to.</summary>
    private sealed class TalkingEngine : IEngineWatch
    {
        private readonly Channel<bool> answers = Channel.CreateUnbounded<bool>();
        private Channel<EngineEvent> events = Channel.CreateUnbounded<EngineEvent>();

        public void Answer() => answers.Writer.TryWrite(true);

        public void Tell(EngineEvent happened) => events.Writer.TryWrite(happened);

        public void GoAway() => events.Writer.Complete(FailureException.Transient("the engine went away"));

        public async IAsyncEnumerable<EngineEvent> FollowEventsAsync(DateTimeOffset since, Action listening, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await answers.Reader.ReadAsync(cancellationToken);
            events = Channel.CreateUnbounded<EngineEvent>();
            listening();
            while (true)
            {
                EngineEvent happened;
                try
                {
                    happened = await events.Reader.ReadAsync(cancellationToken);
                }
                catch (ChannelClosedException exception)
                {
                    throw exception.InnerException!;
                }

                yield return happened;
            }
        }

        public Task<IReadOnlySet<string>> FindNetworksAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlySet<string>> FindVolumesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task UnpauseContainerAsync(string containerId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
