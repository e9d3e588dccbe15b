using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Locking;

/// <summary>How many files the agent may have open. What systemd and shells allow at first, 1,024, is soon used up: every stack's locks are two.</summary>
public static partial class OpenFiles
{
    private const int NumberOfFiles = 7; // RLIMIT_NOFILE, on x64 and arm64

    private const ulong Enough = 65_536; // some programs that the agent starts close each that may be open

    /// <summary>Raises the limit as far as that is allowed, up to what is enough; one that is not raised is met later, with the system's own message.</summary>
    public static void RaiseLimit()
    {
        if (ReadLimit(NumberOfFiles, out var limit) == 0 && limit.Soft < Math.Min(limit.Hard, Enough))
        {
            _ = WriteLimit(NumberOfFiles, limit with { Soft = Math.Min(limit.Hard, Enough) });
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int ReadLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int WriteLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
