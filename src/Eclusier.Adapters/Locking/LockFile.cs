using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Eclusier.Adapters.Locking;

/// <summary>A file that one process has locked, and loses with its death, however that comes. The holder's name is in it.</summary>
/// <remarks>
/// Opened through libc: a FileStream takes a lock of its own on every file it opens, shared or not.
/// Never deleted: a waiting process would then hold the lock of a file that is no longer there.
/// </remarks>
internal sealed partial class LockFile : IDisposable
{
    public const int WouldBlock = 11; // EWOULDBLOCK
    public const UnixFileMode Owners = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode ReadableByAll = Owners | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusively = 0x80;
    private const int NoLinksCloseOnExec = 0x20000 | 0x80000; // O_NOFOLLOW | O_CLOEXEC: a child must not keep the lock alive
    private const int ExclusiveNow = 2 | 4; // LOCK_EX | LOCK_NB
    private const int LongestText = 1024;

    private readonly SafeFileHandle file;
    private readonly bool isWritable;

    private LockFile(SafeFileHandle file, bool isWritable)
    {
        this.file = file;
        this.isWritable = isWritable;
    }

    /// <summary>Opens the file, made where it is missing; one that belongs to another user is only read, which is enough to lock it.</summary>
    /// <returns><c>null</c>: neither is allowed, as the system's error says.</returns>
    public static LockFile? Open(string path, UnixFileMode mode, out string error)
    {
        error = "";
        foreach (var (flags, isWritable) in new[] { (ReadWrite, true), (ReadWrite | Create | Exclusively, true), (ReadWrite, true), (0, false) })
        {
            // never "create or open": in a folder that all may write, the kernel refuses that for another user's file
            var file = Open(path, flags | NoLinksCloseOnExec, (int)mode);
            if (!file.IsInvalid)
            {
                return new LockFile(file, isWritable);
            }

            error = isWritable ? Marshal.GetLastPInvokeErrorMessage() : error; // why it may not be written says more
            file.Dispose();
        }

        return null;
    }

    /// <returns>0, or the system's error: <see cref="WouldBlock"/> when another process has it.</returns>
    public int TryLock() => Flock(file, ExclusiveNow) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <exception cref="IOException">The disk is full, say.</exception>
    public void Write(LockHolder holder)
    {
        if (isWritable)
        {
            var text = Encoding.UTF8.GetBytes(holder.ToText());
            text = text.Length <= LongestText ? text : [.. text.AsSpan(0, LongestText - 1), (byte)'\n'];
            RandomAccess.Write(file, text, 0); // over the old text: whoever reads in between finds the same beginning
            RandomAccess.SetLength(file, text.Length);
        }
    }

    /// <returns><c>null</c> when it does not say, or who is in it is dead: then another one has the lock now.</returns>
    public LockHolder? Read()
    {
        var bytes = new byte[LongestText];
        var length = RandomAccess.Read(file, bytes, 0);
        var holder = LockHolder.Parse(Encoding.UTF8.GetString(bytes, 0, length));
        return holder is not null && Directory.Exists($"/proc/{holder.Pid}") ? holder : null;
    }

    /// <summary>Gives the lock back.</summary>
    public void Release()
    {
        if (file.IsClosed)
        {
            return;
        }

        try
        {
            if (isWritable)
            {
                RandomAccess.SetLength(file, 0);
            }
        }
        finally
        {
            file.Dispose();
        }
    }

    /// <summary>Closes the file; what another process wrote stays.</summary>
    public void Dispose() => file.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
