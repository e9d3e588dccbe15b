namespace Eclusier.Adapters.Git;

/// <summary>How long a server may take over an answer: in all, and without saying anything.</summary>
internal sealed class AnswerDeadline : IDisposable
{
    private readonly GitLimits limits;
    private readonly CancellationTokenSource whole;
    private readonly CancellationTokenSource silence;
    private readonly CancellationTokenSource either;

    public AnswerDeadline(GitLimits limits, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        this.limits = limits;
        whole = new CancellationTokenSource(limits.Ask, timeProvider);
        silence = new CancellationTokenSource(limits.Silence, timeProvider);
        either = CancellationTokenSource.CreateLinkedTokenSource(whole.Token, silence.Token, cancellationToken);
    }

    /// <summary>Canceled by the caller, or when the time is over.</summary>
    public CancellationToken Token => either.Token;

    /// <summary>Why it was over.</summary>
    public string Reason => silence.IsCancellationRequested ? $"the server said nothing for {limits.Silence.TotalSeconds:0.#} s" : $"the server was not done within {limits.Ask.TotalSeconds:0.#} s";

    /// <summary>The other side is to speak: from now on its silence counts anew.</summary>
    public void BeginSilence() => silence.CancelAfter(limits.Silence);

    public void Dispose()
    {
        either.Dispose();
        silence.Dispose();
        whole.Dispose();
    }
}
