using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Memory;

/// <summary>The C library's heap: SQLite, OpenSSL and the runtime itself have their memory from it.</summary>
public static partial class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX, malloc.h

    /// <summary>One heap for all threads, from here on: by default each thread gets one of its own, and each of them keeps what it freed.</summary>
    public static void ShareBetweenThreads() => _ = SetOption(ArenaMax, 1); // refused: it stays as it was, which only costs memory

    /// <summary>Returns what is free to the kernel, also between pieces in use.</summary>
    public static void GiveBack() => _ = Trim(0); // 0: there was nothing to return

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
