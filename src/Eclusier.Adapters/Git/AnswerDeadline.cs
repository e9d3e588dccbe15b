namespace Eclusier.Adapters.Git;

/// <summary>How long a server may take over an answer: in all, and without saying anything.</summary>
internal sealed class AnswerDeadline : IDisposable
{
    private readonly GitLimits limits;
    private readonly TimeProvider timeProvider;
    private readonly long began;
    private readonly CancellationTokenSource over;
    private readonly CancellationTokenRegistration caller;
    private bool isLast; // there is less time left in all than the server may be silent

    public AnswerDeadline(GitLimits limits, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        (this.limits, this.timeProvider, began) = (limits, timeProvider, timeProvider.GetTimestamp());
        isLast = limits.Ask <= limits.Silence;
        over = new CancellationTokenSource(isLast ? limits.Ask : limits.Silence, timeProvider);
        caller = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), over);
    }

    /// <summary>Canceled by the caller, or when the time is over.</summary>
    public CancellationToken Token => over.Token;

    /// <summary>Why it was over.</summary>
    public string Reason => isLast ? $"the server was not done within {limits.Ask.TotalSeconds:0.#} s" : $"the server said nothing for {limits.Silence.TotalSeconds:0.#} s";

    /// <summary>The other side is to speak: from now on its silence counts anew.</summary>
    public void BeginSilence()
    {
        if (over.IsCancellationRequested)
        {
            return; // the reason stays
        }

        var left = limits.Ask - timeProvider.GetElapsedTime(began);
        isLast = left <= limits.Silence;
        over.CancelAfter(!isLast ? limits.Silence : left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void Dispose()
    {
        caller.Dispose();
        over.Dispose();
    }
}
