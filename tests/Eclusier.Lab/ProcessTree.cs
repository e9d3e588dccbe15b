using System.Runtime.InteropServices;

namespace Eclusier.Lab;

/// <summary>A process and all that it has started, whatever groups they are in.</summary>
public static class ProcessTree
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    /// <summary>Ends them at one moment, as systemd does with what a dead service leaves, and as a power cut does.</summary>
    public static void Kill(int root)
    {
        List<int> tree = [root];
        for (var index = 0; index < tree.Count; index++)
        {
            Signal(tree[index], SigStop); // nothing new is started while the rest is looked for
            tree.AddRange(ChildrenOf(tree[index]));
        }

        foreach (var process in tree)
        {
            Signal(process, SigKill);
        }
    }

    private static int[] ChildrenOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse)];
        }
        catch (IOException) // it has just ended
        {
            return [];
        }
    }

    private static void Signal(int process, int signal)
    {
        const int NoSuchProcess = 3;
        if (LabProcess.Kill(process, signal) != 0 && Marshal.GetLastPInvokeError() is not NoSuchProcess and var error)
        {
            throw new InvalidOperationException($"signal {signal} to process {process} failed: error {error}");
        }
    }
}
