namespace Eclusier.Core.Tests.Fakes;

/// <summary>Everything the agent did that leaves a trace, in order; and the place where it can be killed.</summary>
public sealed class CallLog
{
    private readonly List<string> all = [];
    private Func<string, bool>? isFatalBefore;
    private Func<string, bool>? isFatalAfter;
    private (string Beginning, Action Action)? hook;
    private int? remaining;
    private bool isDead;

    public IReadOnlyList<string> All => all;

    /// <summary>Those that change the work tree or containers.</summary>
    public IReadOnlyList<string> Touches => [.. all.Where(call => call.StartsWith("move ", StringComparison.Ordinal) || call.StartsWith("up ", StringComparison.Ordinal) || call.StartsWith("remove container ", StringComparison.Ordinal) || call.StartsWith("rename container ", StringComparison.Ordinal))];

    public IReadOnlyList<string> Of(string beginning) => [.. all.Where(call => call.StartsWith(beginning, StringComparison.Ordinal))];

    public void Clear() => all.Clear();

    /// <summary>A side effect: the agent may die before it or after it.</summary>
    public void Do(string call, Action effect)
    {
        Ask();
        if (hook is { } waiting && call.StartsWith(waiting.Beginning, StringComparison.Ordinal))
        {
            hook = null;
            waiting.Action();
        }

        DieIf(isFatalBefore?.Invoke(call) == true);
        Burn();
        all.Add(call);
        effect();
        DieIf(isFatalAfter?.Invoke(call) == true);
        Burn();
    }

    public void Do(string call) => Do(call, () => { });

    /// <summary>Any other call: a dead agent makes none.</summary>
    public void Ask()
    {
        if (isDead)
        {
            throw new AgentKilledException();
        }
    }

    /// <summary>Does something before the next such call.</summary>
    public void Before(string beginning, Action action) => hook = (beginning, action);

    public void KillBefore(string beginning) => isFatalBefore = call => call.StartsWith(beginning, StringComparison.Ordinal);

    public void KillAfter(string beginning) => isFatalAfter = call => call.StartsWith(beginning, StringComparison.Ordinal);

    /// <summary>Kills at the given instant: every side effect has one before and one after it.</summary>
    public void KillAtInstant(int instant) => remaining = instant;

    public void Kill() => isDead = true;

    /// <summary>Does what the agent has no part in: it may be dead meanwhile.</summary>
    public void ByOthers(Action action)
    {
        var (wasDead, left) = (isDead, remaining);
        (isDead, remaining) = (false, null);
        try
        {
            action();
        }
        finally
        {
            (isDead, remaining) = (wasDead, left);
        }
    }

    public void Revive()
    {
        isDead = false;
        remaining = null;
        isFatalBefore = isFatalAfter = null;
    }

    private void Burn()
    {
        if (remaining is { } left)
        {
            DieIf(left == 0);
            remaining = left - 1;
        }
    }

    private void DieIf(bool dies)
    {
        isDead |= dies;
        Ask();
    }
}

/// <summary>The agent's process ended, with no chance to do anything more.</summary>
public sealed class AgentKilledException() : Exception("the agent was killed");
