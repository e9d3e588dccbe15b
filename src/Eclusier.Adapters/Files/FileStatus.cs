using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Files;

/// <summary>What the file system says of a path: whose it is, what it is, and where on the disk.</summary>
/// <param name="Stamp">Another one when anything was done to the file, whatever times it was given afterwards.</param>
internal readonly partial record struct FileStatus(FileOwner Owner, ushort Mode, long Size, FileStamp Stamp)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint Wanted = 0xfff; // STATX_BASIC_STATS, STATX_BTIME
    private const ushort TypeMask = 0xf000; // S_IFMT
    private const ushort Regular = 0x8000; // S_IFREG
    private const ushort Folder = 0x4000; // S_IFDIR

    public bool IsRegular => (Mode & TypeMask) == Regular;

    public bool IsFolder => (Mode & TypeMask) == Folder;

    /// <summary>The file itself, whatever its name: another one when it was replaced, the same when it was written to.</summary>
    public string Place => $"{Stamp.Device >> 32}:{(uint)Stamp.Device}:{Stamp.Node}:{Stamp.MadeAt.Seconds}.{Stamp.MadeAt.Nanoseconds}";

    /// <param name="follow">What a symbolic link points to, instead of the link itself.</param>
    /// <returns><c>null</c> when there is nothing at the path.</returns>
    public static FileStatus? Of(string path, bool follow)
    {
        if (Read(CurrentFolder, path, follow ? 0 : NoFollow, Wanted, out var status) == 0)
        {
            return new FileStatus(
                new FileOwner(status.User, status.Group),
                status.Mode,
                (long)status.Size,
                new FileStamp(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Node, status.Size, new(status.MadeAt, status.MadeAtNanosecond), new(status.WrittenAt, status.WrittenAtNanosecond), new(status.ChangedAt, status.ChangedAtNanosecond)));
        }

        var error = Marshal.GetLastPInvokeError();
        return error is 2 or 20 // ENOENT, ENOTDIR
            ? null
            : throw new IOException($"{path} cannot be looked at", new Win32Exception(error));
    }

    // statx, since its structure is the same on every processor
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Read(int folder, string path, int flags, uint mask, out StatusBuffer status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatusBuffer
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Node;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(80)]
        public long MadeAt; // a new file may get the number of one that is gone; 0 where the file system does not know

        [FieldOffset(88)]
        public uint MadeAtNanosecond;

        [FieldOffset(96)]
        public long ChangedAt;

        [FieldOffset(104)]
        public uint ChangedAtNanosecond;

        [FieldOffset(112)]
        public long WrittenAt;

        [FieldOffset(120)]
        public uint WrittenAtNanosecond;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}

/// <summary>By what it is told that a file is as it was: nobody can set the time of its last change.</summary>
internal readonly record struct FileStamp(ulong Device, ulong Node, ulong Size, FileTime MadeAt, FileTime WrittenAt, FileTime ChangedAt);

/// <summary>A moment, as the file system has it.</summary>
internal readonly record struct FileTime(long Seconds, uint Nanoseconds);
