using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Files;

/// <summary>User and group that a file, folder or symbolic link belongs to.</summary>
public readonly partial record struct FileOwner(uint User, uint Group)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint UserAndGroup = 0x18; // STATX_UID | STATX_GID

    /// <summary>Only root may give files away.</summary>
    public static bool CanBeChanged => GetEffectiveUser() == 0;

    /// <summary>Whom this process acts for.</summary>
    public static uint CurrentUser => GetEffectiveUser();

    public bool IsRoot => User == 0;

    /// <returns><c>null</c> when there is nothing at the path.</returns>
    public static FileOwner? Of(string path)
    {
        if (Status(CurrentFolder, path, NoFollow, UserAndGroup, out var status) == 0)
        {
            return new FileOwner(status.User, status.Group);
        }

        var error = Marshal.GetLastPInvokeError();
        return error is 2 or 20 // ENOENT, ENOTDIR
            ? null
            : throw new IOException($"the owner of {path} cannot be read", new Win32Exception(error));
    }

    /// <summary>Gives the path to this owner; a symbolic link itself, not what it points to.</summary>
    public void Give(string path)
    {
        if (ChangeOwner(path, User, Group) != 0)
        {
            throw new IOException($"the owner of {path} cannot be changed to {this}", new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    public override string ToString() => $"{User}:{Group}";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    // statx, since its structure is the same on every processor
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, out StatusBuffer status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatusBuffer
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }
}
