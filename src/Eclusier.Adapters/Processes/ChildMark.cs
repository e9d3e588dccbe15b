using System.Globalization;

namespace Eclusier.Adapters.Processes;

/// <summary>A variable in the environment of every program that an agent starts: whose it is can be told after the agent's death.</summary>
/// <param name="StartedAt">When the agent started: as <see cref="ProcessStatus.StartedAt"/>.</param>
internal sealed record ChildMark(int Agent, long StartedAt, string StateDirectory)
{
    public const string Variable = "ECLUSIER_CHILD_OF";

    /// <summary>Whether the agent that started the program lives.</summary>
    public bool HasParent => ProcessStatus.Of(Agent) is { IsAlive: true } agent && agent.StartedAt == StartedAt;

    /// <summary>Of the agent in this process.</summary>
    public static ChildMark Of(string stateDirectory) =>
        new(Environment.ProcessId, ProcessStatus.Of(Environment.ProcessId)?.StartedAt ?? 0, Normal(stateDirectory));

    public static string Normal(string stateDirectory) => Path.GetFullPath(stateDirectory).TrimEnd('/');

    /// <summary>The mark of a running process; <c>null</c>: it has none, has ended, or is another user's.</summary>
    public static ChildMark? Read(int process)
    {
        try
        {
            var variable = File.ReadAllText($"/proc/{process}/environ").Split('\0').FirstOrDefault(entry => entry.StartsWith($"{Variable}=", StringComparison.Ordinal));
            return variable is null ? null : Parse(variable[(Variable.Length + 1)..]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Agent} {StartedAt} {StateDirectory}");

    private static ChildMark? Parse(string text) =>
        text.Split(' ', 3) is [var agent, var started, var directory]
        && int.TryParse(agent, CultureInfo.InvariantCulture, out var id) && long.TryParse(started, CultureInfo.InvariantCulture, out var startedAt)
            ? new ChildMark(id, startedAt, directory)
            : null;
}
