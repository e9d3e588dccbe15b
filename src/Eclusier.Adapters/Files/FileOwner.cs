using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Files;

/// <summary>User and group that a file, folder or symbolic link belongs to.</summary>
public readonly partial record struct FileOwner(uint User, uint Group)
{
    /// <summary>Only root may give files away.</summary>
    public static bool CanBeChanged => GetEffectiveUser() == 0;

    /// <summary>Whom this process acts for.</summary>
    public static uint CurrentUser => GetEffectiveUser();

    public bool IsRoot => User == 0;

    /// <returns><c>null</c> when there is nothing at the path.</returns>
    public static FileOwner? Of(string path) => FileStatus.Of(path, follow: false)?.Owner;

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
}
