using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Tests.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Lab;
using EngineEvent = Eclusier.Core.Engine.EngineEvent;
using Engine = Eclusier.Adapters.DockerEngine.DockerEngine;

namespace Eclusier.Adapters.Tests.DockerEngine;

/// <summary>What the engine tells by itself, and that it is known from when on it tells.</summary>
public sealed class EventsSpecs(EngineLab lab) : IClassFixture<EngineLab>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Containers_and_images_that_go_are_told_with_their_project_and_kind()
    {
        var project = lab.Project("told");
        var image = await lab.PullAsync(new TestImage { Version = lab.Id + "told" }, "told");
        var id = await lab.RunAsync(project, "web", [], "stay");
        await using var following = await FollowAsync(lab.Engine);

        await Tool.DockerAsync("rm", "-f", id);
        await Tool.DockerAsync("rmi", image);

        await following.UntilAsync(happened => happened is { Kind: "container", Action: "destroy" } && happened.Project == project && happened.Id == id);
        await following.UntilAsync(happened => happened is { Kind: EngineEvent.OfImage, Action: "untag" or "delete" });
    }

    [Fact]
    public async Task Networks_and_volumes_that_go_are_told()
    {
        var name = lab.Project("gone");
        await Tool.DockerAsync("network", "create", name);
        await Tool.DockerAsync("volume", "create", name);
        await using var following = await FollowAsync(lab.Engine);

        await Tool.DockerAsync("network", "rm", name);
        await Tool.DockerAsync("volume", "rm", name);

        await following.UntilAsync(happened => happened is { Kind: "network", Action: "destroy", Project: "" });
        await following.UntilAsync(happened => happened is { Kind: "volume", Action: "destroy" } && happened.Id == name);
    }

    [Fact]
    public async Task Only_the_networks_and_volumes_that_are_asked_for_are_told()
    {
        var (asked, other) = (lab.Project("asked"), lab.Project("other"));
        foreach (var name in new[] { asked, other })
        {
            await Tool.DockerAsync("network", "create", name);
            await Tool.DockerAsync("volume", "create", name);
        }

        try
        {
            Assert.Equal([asked], await lab.Engine.FindNetworksAsync([asked, lab.Project("missing")], Cancelled));
            Assert.Equal([asked], await lab.Engine.FindVolumesAsync([asked, lab.Project("missing")], Cancelled));
        }
        finally
        {
            await Tool.DockerAsync("network", "rm", asked, other);
            await Tool.DockerAsync("volume", "rm", asked, other);
        }
    }

    [Fact]
    public async Task Nobody_is_said_to_listen_to_an_engine_that_is_away_and_its_end_is_told()
    {
        using var folder = new DockerFolder();
        await using var relay = EngineRelay.Start();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions { Endpoint = relay.Endpoint });
        await using var following = await FollowAsync(engine);

        relay.Stop();
        await Assert.ThrowsAsync<FailureException>(() => following.UntilAsync(_ => false));

        var listens = false;
        var exception = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var _ in engine.FollowEventsAsync(DateTimeOffset.UtcNow, () => listens = true, Cancelled))
            {
            }
        });
        Assert.Equal((FailureKind.Transient, false), (exception.Kind, listens));
    }

    /// <returns>Once it listens.</returns>
    private static async Task<Following> FollowAsync(IEngineWatch engine)
    {
        var following = new Following(engine);
        await following.Listening.WaitAsync(Patience, Cancelled);
        return following;
    }

    /// <summary>One who listens to the engine's events.</summary>
    private sealed class Following : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly System.Threading.Channels.Channel<EngineEvent> events = System.Threading.Channels.Channel.CreateUnbounded<EngineEvent>();
        private readonly Task work;

        public Following(IEngineWatch engine) => work = Task.Run(async () =>
        {
            try
            {
                await foreach (var happened in engine.FollowEventsAsync(DateTimeOffset.UtcNow, listening.SetResult, stop.Token))
                {
                    events.Writer.TryWrite(happened);
                }

                events.Writer.Complete();
            }
            catch (Exception exception) // goes to the reader
            {
                events.Writer.Complete(exception);
            }
        });

        public Task Listening => listening.Task;

        public async Task UntilAsync(Predicate<EngineEvent> isIt)
        {
            using var deadline = new CancellationTokenSource(Patience);
            try
            {
                while (!isIt(await events.Reader.ReadAsync(deadline.Token)))
                {
                }
            }
            catch (System.Threading.Channels.ChannelClosedException exception) when (exception.InnerException is FailureException failure)
            {
                throw failure;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await work;
            stop.Dispose();
        }
    }
}
