using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Files;

/// <summary>Which rights new files do not get (umask), for this process and the programs it starts.</summary>
internal static partial class FileMask
{
    /// <summary>
    /// The usual 022: containers run as other users and must be able to read the work tree, also where root's own mask is 077.
    /// What is secret is written with a mode of its own, in folders that only the agent can enter.
    /// </summary>
    public static void LetOthersRead() => _ = Set(0b000_010_010);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Set(uint mask);
}
