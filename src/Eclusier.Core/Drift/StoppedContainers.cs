using Eclusier.Core.Engine;

namespace Eclusier.Core.Drift;

/// <summary>Remembers which containers somebody stopped. Only the engine's events tell: afterwards one that ended with 0 looks like a job that did its work.</summary>
public sealed class StoppedContainers
{
    private static readonly HashSet<string> EndingSignals = ["2", "3", "9", "15", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "INT", "QUIT", "KILL", "TERM"];

    private readonly Lock gate = new();
    private readonly HashSet<string> ids = [];

    public void Note(EngineEvent happened)
    {
        lock (gate)
        {
            if (happened.Action == "stop" || (happened.Action == "kill" && EndingSignals.Contains(happened.Signal)))
            {
                ids.Add(happened.Id);
            }
            else if (happened.Action is "start" or "destroy")
            {
                ids.Remove(happened.Id);
            }
        }
    }

    public IReadOnlySet<string> Read()
    {
        lock (gate)
        {
            return ids.ToHashSet();
        }
    }
}
