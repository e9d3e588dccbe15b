using Eclusier.Core.Deployments;
using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Sharing;

public sealed class SharedAnswersSpecs
{
    private static readonly StackName One = StackName.Parse("one");

    private static readonly StackName Two = StackName.Parse("two");

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly FakeClock clock = new();
    private readonly SharedAnswers<string, int> answers;
    private int asked;

    public SharedAnswersSpecs() => answers = new(clock);

    [Fact]
    public async Task Another_stack_takes_the_answer_and_the_same_one_asks_anew()
    {
        var at = clock.GetUtcNow();
        Assert.Equal((1, at), await AskAsync(One));
        clock.Pass(TimeSpan.FromMinutes(4));
        Assert.Equal((1, at), await AskAsync(Two));
        Assert.Equal(2, (await AskAsync(Two)).Answer);
        Assert.Equal(2, (await AskAsync(One)).Answer);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task An_answer_that_is_too_old_is_not_taken()
    {
        await AskAsync(One);
        clock.Pass(Interval);

        Assert.Equal(2, (await AskAsync(Two)).Answer);
    }

    [Fact]
    public async Task Who_wants_to_know_anew_asks()
    {
        await AskAsync(One);

        Assert.Equal(2, (await AskAsync(Two, TimeSpan.Zero)).Answer);
    }

    [Fact]
    public async Task A_failure_that_will_pass_serves_another_stack_once_for_half_as_long()
    {
        await Assert.ThrowsAsync<FailureException>(() => answers.AskAsync("web", One, Interval, _ => throw FakeRegistry.Down, CancellationToken.None));

        clock.Pass((Interval / 2) - TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<FailureException>(() => AskAsync(Two));
        Assert.Equal(1, (await AskAsync(Two)).Answer); // it was told once already
        Assert.Equal(1, (await AskAsync(One)).Answer); // and now there is an answer
    }

    [Fact]
    public async Task A_failure_is_not_kept_for_long()
    {
        await Assert.ThrowsAsync<FailureException>(() => answers.AskAsync("web", One, Interval, _ => throw FakeRegistry.Down, CancellationToken.None));

        clock.Pass(Interval / 2);
        Assert.Equal(1, (await AskAsync(Two)).Answer);
    }

    [Fact]
    public async Task A_failure_that_somebody_has_to_mend_is_not_kept()
    {
        await Assert.ThrowsAsync<FailureException>(() => answers.AskAsync("web", One, Interval, _ => throw FailureException.Rejected("no such repository"), CancellationToken.None));

        Assert.Equal(1, (await AskAsync(Two)).Answer);
    }

    [Fact]
    public async Task Who_asks_meanwhile_gets_the_answer_or_the_failure_that_comes()
    {
        var comes = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = answers.AskAsync("web", One, Interval, _ => comes.Task, CancellationToken.None);
        var second = answers.AskAsync("web", Two, Interval, _ => throw new InvalidOperationException("asked twice"), CancellationToken.None);
        clock.Pass(TimeSpan.FromSeconds(1));

        comes.SetException(FakeRegistry.Down);

        await Assert.ThrowsAsync<FailureException>(() => first);
        await Assert.ThrowsAsync<FailureException>(() => second);
    }

    [Fact]
    public async Task Who_wants_to_know_in_any_case_is_not_told_what_was_asked_before()
    {
        var comes = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = answers.AskAsync("web", One, Interval, _ => comes.Task, CancellationToken.None);
        clock.Pass(TimeSpan.FromSeconds(1));
        var second = answers.AskAsync("web", Two, TimeSpan.Zero, _ => Task.FromResult(2), CancellationToken.None);
        clock.Pass(TimeSpan.FromSeconds(1));

        comes.SetResult(1);

        Assert.Equal(1, (await first).Answer);
        Assert.Equal(2, (await second).Answer);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_question_to_the_others()
    {
        using var cancelled = new CancellationTokenSource();
        var first = answers.AskAsync("web", One, Interval, async token => { await Task.Delay(Timeout.InfiniteTimeSpan, token); return 0; }, cancelled.Token);
        var second = AskAsync(Two);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, (await second).Answer);
    }

    private Task<(int Answer, DateTimeOffset At)> AskAsync(StackName stack, TimeSpan? oldest = null) =>
        answers.AskAsync("web", stack, oldest ?? Interval, _ => Task.FromResult(++asked), CancellationToken.None);
}
