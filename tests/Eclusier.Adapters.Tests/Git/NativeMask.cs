using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Tests.Git;

internal static class NativeMask
{
    [DllImport("libc", EntryPoint = "umask")]
    public static extern uint Set(uint mask);
}
