using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Core.Tests.Diagnosis;

public sealed class ExaminationSpecs
{
    [Fact]
    public async Task A_check_that_hangs_or_fails_is_a_finding_among_the_others()
    {
        var time = new FakeTimeProvider();
        Trial[] quick =
        [
            new("failing", _ => throw FailureException.Rejected("the token is wrong")),
            new("broken", _ => throw new IOException("disk gone")),
            new("good", _ => Task.FromResult<IReadOnlyList<CheckResult>>([new CheckResult("good", "", CheckLevel.Ok, "fine", null)])),
        ];
        var examination = Examination.RunAsync(
            [
                new Trial("hanging", _ => new TaskCompletionSource<IReadOnlyList<CheckResult>>().Task), // it does not even heed the token
                .. quick,
            ],
            time,
            TestContext.Current.CancellationToken);
        await Task.WhenAll(quick.Select(trial => trial.Ended)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken); // real time, in which their ends are heard of: else the clock is there before them
        while (!examination.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(
            [
                new CheckResult("hanging", "host", CheckLevel.Problem, "no answer within 20 s", "look at it"),
                new CheckResult("failing", "host", CheckLevel.Problem, "the token is wrong", "look at it"),
                new CheckResult("broken", "host", CheckLevel.Problem, "cannot be looked at: disk gone", "look at it"),
                new CheckResult("good", "", CheckLevel.Ok, "fine", null),
            ],
            await examination);
    }

    [Fact]
    public async Task The_checks_are_made_side_by_side()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        IReadOnlyList<CheckResult> nothing = [];

        await Examination.RunAsync(
            [
                new Trial("first", async _ => { first.SetResult(); await second.Task; return nothing; }),
                new Trial("second", async _ => { second.SetResult(); await first.Task; return nothing; }),
            ],
            TimeProvider.System,
            TestContext.Current.CancellationToken);
    }

    private sealed class Trial(string name, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> look) : Check(name, "host")
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override string Remedy => "look at it";

        public Task Ended => ended.Task;

        public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await look(cancellationToken);
            }
            finally
            {
                ended.SetResult();
            }
        }
    }
}
