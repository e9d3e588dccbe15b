using Eclusier.Core.Deployments;

namespace Eclusier.Api;

/// <summary>Whether the agent has what it needs to work. Asked as often as anybody likes, it looks once in a while.</summary>
/// <param name="askEngine">Throws when the engine does not answer within seconds.</param>
/// <param name="readDatabase">Throws when the database cannot be read or written.</param>
public sealed class Readiness(Func<CancellationToken, Task> askEngine, Action readDatabase, TimeProvider timeProvider)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task<(bool Database, bool Engine)>? last;
    private long lookedAt;

    public Task<(bool Database, bool Engine)> ReadAsync()
    {
        lock (gate)
        {
            if (last is null || (last.IsCompleted && timeProvider.GetElapsedTime(lookedAt) >= LookEvery))
            {
                last = LookAsync();
                lookedAt = timeProvider.GetTimestamp();
            }

            return last;
        }
    }

    private async Task<(bool Database, bool Engine)> LookAsync() => (IsDatabaseOpen(), await IsEngineThereAsync());

    private bool IsDatabaseOpen()
    {
        try
        {
            readDatabase();
            return true;
        }
        catch (FailureException)
        {
            return false; // the answer is all that is asked for
        }
    }

    private async Task<bool> IsEngineThereAsync()
    {
        try
        {
            await askEngine(CancellationToken.None); // has a deadline of its own
            return true;
        }
        catch (FailureException)
        {
            return false;
        }
    }
}
