using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Eclusier.Adapters.Memory;

/// <summary>The pages of the program's own file, and of its libraries', that are mapped because they were needed once.</summary>
public static unsafe partial class FilePages
{
    private const uint Load = 1; // PT_LOAD, elf.h
    private const uint Writable = 2; // PF_W
    private const int DontNeed = 4; // MADV_DONTNEED

    /// <summary>
    /// Lets go of all of them. They stay in the kernel's cache of files, to be dropped when memory is short; one that is needed again is mapped again
    /// at the first touch, in less than a microsecond.
    /// </summary>
    /// <remarks>Only segments that are never written: a page of the file can be had again, a changed one could not.</remarks>
    public static void Release() => _ = ForEachImage(&ReleaseImage, null);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReleaseImage(Image* image, nuint size, void* nothing)
    {
        if (*image->Path is (byte)'/' or 0) // the program itself has no path here; the kernel's own library has a name without a slash
        {
            for (var index = 0; index < image->SegmentCount; index++)
            {
                var segment = image->Segments[index];
                if (segment.Kind == Load && (segment.Flags & Writable) == 0)
                {
                    var (start, end) = (image->Base + (nuint)segment.Address, image->Base + (nuint)(segment.Address + segment.Size));
                    start &= ~((nuint)Environment.SystemPageSize - 1);
                    _ = Advise(start, end - start, DontNeed); // refused: the pages stay, which only costs memory
                }
            }
        }

        return 0; // goes on with the next one
    }

    /// <remarks>https://man7.org/linux/man-pages/man3/dl_iterate_phdr.3.html</remarks>
    [LibraryImport("libc", EntryPoint = "dl_iterate_phdr")]
    private static partial int ForEachImage(delegate* unmanaged[Cdecl]<Image*, nuint, void*, int> visit, void* data);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint start, nuint length, int advice);

    /// <summary>The beginning of <c>struct dl_phdr_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Image
    {
        public nuint Base;
        public byte* Path;
        public Segment* Segments;
        public ushort SegmentCount;
    }

    /// <summary><c>Elf64_Phdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Segment
    {
        public uint Kind;
        public uint Flags;
        public ulong Offset;
        public ulong Address;
        public ulong PhysicalAddress;
        public ulong SizeInFile;
        public ulong Size;
        public ulong Alignment;
    }
}
