namespace Eclusier.Core.Liveness;

/// <summary>Whether some work goes on. Each wait within it says how long it may last; between two waits something has to happen within the patience.</summary>
/// <remarks>Whatever it is that hangs then, a lock, a loop, a program that not even SIGKILL ends: it is noticed, and a long wait that is meant to be one is not taken for it.</remarks>
public sealed class SignsOfLife(TimeProvider timeProvider, TimeSpan patience)
{
    private static readonly AsyncLocal<SignsOfLife?> Followed = new();

    private readonly TimeProvider clock = timeProvider;
    private readonly Lock gate = new();
    private readonly List<Expectation> expectations = [];
    private long lastAt = timeProvider.GetTimestamp();

    /// <summary>What the caller does from here on, and all that it calls, is this work.</summary>
    public void Follow() => Followed.Value = this;

    /// <summary>Something is waited for, until disposed.</summary>
    /// <param name="what">For people: <c>git</c>, <c>the next health check</c>.</param>
    /// <param name="atMost">How long it may last, whatever happens; <c>null</c>: who is waited for is watched by itself.</param>
    public static Expectation Expect(string what, TimeSpan? atMost) => new(Followed.Value, what, atMost);

    /// <summary>A pause, which may be long.</summary>
    public static async Task RestAsync(string untilWhat, TimeSpan time, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var expected = Expect(untilWhat, time);
        await Task.Delay(time, timeProvider, cancellationToken);
    }

    /// <returns>What does not go on, and for how long; <c>null</c>: it goes on.</returns>
    public string? WhyMissing()
    {
        lock (gate)
        {
            if (expectations.Count == 0)
            {
                var lasts = clock.GetElapsedTime(lastAt);
                return lasts > patience ? $"nothing has happened for {Told(lasts)}" : null;
            }

            return expectations.Select(expectation => expectation.WhyOver(clock, patience)).FirstOrDefault(why => why is not null);
        }
    }

    private static string Told(TimeSpan time) => time < TimeSpan.FromMinutes(2) ? $"{time.TotalSeconds:0} s" : $"{time.TotalMinutes:0} min";

    /// <summary>A wait that has begun.</summary>
    public sealed class Expectation : IDisposable
    {
        private readonly SignsOfLife? work;
        private readonly string what;
        private readonly TimeSpan? atMost;
        private long since;

        internal Expectation(SignsOfLife? work, string what, TimeSpan? atMost)
        {
            (this.work, this.what, this.atMost) = (work, what, atMost);
            if (work is not null)
            {
                lock (work.gate)
                {
                    since = work.clock.GetTimestamp();
                    work.expectations.Add(this);
                }
            }
        }

        /// <summary>What is waited for gives a sign of life itself: its time begins anew.</summary>
        public void Renew()
        {
            if (work is not null)
            {
                Volatile.Write(ref since, work.clock.GetTimestamp());
            }
        }

        public void Dispose()
        {
            if (work is not null)
            {
                lock (work.gate)
                {
                    work.expectations.Remove(this);
                    work.lastAt = work.clock.GetTimestamp();
                }
            }
        }

        internal string? WhyOver(TimeProvider timeProvider, TimeSpan patience)
        {
            var lasts = timeProvider.GetElapsedTime(Volatile.Read(ref since));
            return lasts > atMost + patience ? $"{what} has not come to its end for {Told(lasts)}" : null;
        }
    }
}
