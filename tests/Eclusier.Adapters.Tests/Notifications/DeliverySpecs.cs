using Eclusier.Adapters.Notifications;
using Eclusier.Adapters.Sqlite;
using Eclusier.Adapters.Tests.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Adapters.Tests.Notifications;

/// <summary>From a real outbox to a real receiver: whatever the receiver does, nothing is lost, in order; time passes quickly.</summary>
public sealed class DeliverySpecs : JournalTest
{
    private readonly FakeTimeProvider time = new(Noon);

    [Theory]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("hangs")]
    [InlineData("drops")]
    public async Task A_receiver_in_trouble_loses_nothing_and_the_order_stays(string trouble)
    {
        await using var receiver = await Receiver.StartAsync();
        var troubles = 3;
        receiver.Before = async context =>
        {
            if (Interlocked.Decrement(ref troubles) < 0)
            {
                return;
            }

            switch (trouble)
            {
                case "hangs":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    context.Response.StatusCode = 500;
                    break;
                case "drops":
                    context.Abort();
                    context.Response.StatusCode = 500;
                    break;
                default:
                    context.Response.StatusCode = int.Parse(trouble);
                    context.Response.Headers.RetryAfter = "120";
                    break;
            }
        };
        using var sender = new MessageSender(TimeProvider.System);
        using var round = Round(sender, receiver);
        Announce(1);
        Announce(2);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = round.RunAsync(stopping.Token);
        Announce(3);
        round.Ring();

        await PassUntilAsync(() => Outbox.ReadStates() is [{ Outstanding: 0 }]);
        await stopping.CancelAsync();
        await running;

        Assert.Equal(["deployment/1", "deployment/2", "deployment/3"], receiver.All.Select(TitleOf).Distinct());
        Assert.Equal(0, Outbox.ReadStates()[0].GivenUp);
    }

    [Fact]
    public async Task What_was_not_delivered_is_after_a_restart()
    {
        Announce(1);
        Reopen();
        await using var receiver = await Receiver.StartAsync();
        using var sender = new MessageSender(TimeProvider.System);
        using var round = Round(sender, receiver);
        Announce(1); // the same cause again: nobody is told twice

        await round.DrainAsync(TimeSpan.FromMinutes(1)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal("deployment/1", TitleOf(Assert.Single(receiver.All)));
        Assert.Equal(1L, Query("SELECT count(*) FROM delivery"));
    }

    [Fact]
    public async Task What_cannot_be_delivered_for_a_day_is_given_up_and_said()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Before = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        using var sender = new MessageSender(TimeProvider.System);
        using var round = Round(sender, receiver);
        Announce(1);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = round.RunAsync(stopping.Token);

        await PassUntilAsync(() => Outbox.ReadStates() is [{ Outstanding: 0 }], TimeSpan.FromMinutes(5));
        await stopping.CancelAsync();
        await running;

        var state = Outbox.ReadStates()[0];
        Assert.Equal((1, "127.0.0.1 answered 503 Service Unavailable"), (state.GivenUp, state.Error));
        Assert.True(time.GetUtcNow() - Noon >= DeliveryLane.Patience);
    }

    [Fact]
    public async Task With_other_notifiers_a_message_on_its_way_arrives_once_and_the_next_goes_to_them()
    {
        await using var before = await Receiver.StartAsync();
        await using var after = await Receiver.StartAsync();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOnItsWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.Before = async _ =>
        {
            isOnItsWay.TrySetResult();
            await goOn.Task;
        };
        using var sender = new MessageSender(TimeProvider.System);
        using var round = Round(sender, before);
        Announce(1);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = round.RunAsync(stopping.Token);
        await isOnItsWay.Task.WaitAsync(TimeSpan.FromSeconds(10), stopping.Token);

        round.Replace(NotifiersTo(sender, after));
        Announce(2);
        round.Ring();
        await Task.Delay(100, stopping.Token);
        Assert.Empty(after.All); // the first is not told twice, nor overtaken
        goOn.SetResult();

        await PassUntilAsync(() => Outbox.ReadStates() is [{ Outstanding: 0 }]);
        await stopping.CancelAsync();
        await running;
        Assert.Single(before.All);
        Assert.Single(after.All);
    }

    [Fact]
    public void What_was_told_long_ago_is_forgotten_but_not_what_is_outstanding()
    {
        Announce(1);
        Announce(2);
        Outbox.RecordDelivered(Outbox.FindNext("ops")!, Noon);

        Outbox.Clean(Noon.AddDays(1));

        Assert.Equal("deployment/2", Query("SELECT group_concat(cause) FROM event"));
        Outbox.GiveUpOthers(["another"], Noon);
        Assert.Equal((0, 1, "no notifier of this name is configured any more"), (Outbox.ReadStates()[0].Outstanding, Outbox.ReadStates()[0].GivenUp, Outbox.ReadStates()[0].Error));
    }

    private SqliteOutbox Outbox => new(Database);

    private void Announce(int number) => Journal.Announce(SomeAnnouncement($"deployment/{number}", "ops"));

    private DeliveryRound Round(MessageSender sender, Receiver receiver) => new(NotifiersTo(sender, receiver), Outbox, time, NullLogger<DeliveryLane>.Instance);

    private IReadOnlyDictionary<string, INotifier> NotifiersTo(MessageSender sender, Receiver receiver)
    {
        var settings = new AgentSettings { Notifiers = [new NotifierSettings("ops", NotifierType.Webhook, [EventKind.RolledBack]) { Url = new SecretSource.Value(new Secret(receiver.Address.ToString())) }] };
        return new NotifierFactory(sender, time).CreateAll(settings);
    }

    private async Task PassUntilAsync(Func<bool> isSo, TimeSpan? step = null)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!isSo())
        {
            time.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(20, deadline.Token);
        }
    }

    private static string TitleOf(Received received) => System.Text.Json.Nodes.JsonNode.Parse(received.Body)!["title"]!.ToString();
}
