using System.Globalization;

namespace Eclusier.Adapters.Processes;

/// <summary>A process as the kernel tells it in <c>/proc/PID/stat</c>.</summary>
/// <param name="Group">Its process group: the pid of the group's leader.</param>
/// <param name="StartedAt">In clock ticks since the host started: a pid comes back, both together do not.</param>
internal readonly record struct ProcessStatus(int Id, char State, int Group, long StartedAt)
{
    /// <summary>One that ended stays listed until its parent takes note, which may take seconds.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x');

    /// <returns><c>null</c> when there is no such process.</returns>
    public static ProcessStatus? Of(int id)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{id}/stat");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // proc(5): the second field is a name in parentheses, which may hold anything; the third is the state, the 22nd the start
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessStatus(id, fields[0][0], int.Parse(fields[2], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }
}
