using System.Runtime.InteropServices;
using Eclusier.Adapters.Memory;

namespace Eclusier.Adapters.Tests.Memory;

/// <summary>On this process itself: what the kernel says that it holds, before and after.</summary>
public sealed class GivenBackSpecs
{
    private const long Mebibyte = 1024 * 1024;

    [Fact]
    public void What_is_free_between_pieces_in_use_goes_back_to_the_kernel()
    {
        const int Kept = 64; // of 64 MiB, each 64th piece stays
        var content = new byte[1024];
        Array.Fill(content, (byte)7);
        var pieces = new nint[64 * 1024];
        for (var index = 0; index < pieces.Length; index++)
        {
            pieces[index] = Marshal.AllocHGlobal(content.Length);
            Marshal.Copy(content, 0, pieces[index], content.Length);
        }

        foreach (var piece in pieces.Where((_, index) => index % Kept != 0))
        {
            Marshal.FreeHGlobal(piece);
        }

        var before = Read("RssAnon");
        NativeHeap.GiveBack();
        var after = Read("RssAnon");

        Assert.True(before - after > 32 * Mebibyte, $"{before / Mebibyte} MiB before, {after / Mebibyte} MiB after");
        var read = new byte[content.Length];
        foreach (var piece in pieces.Where((_, index) => index % Kept == 0))
        {
            Marshal.Copy(piece, read, 0, read.Length);
            Assert.Equal(content, read);
            Marshal.FreeHGlobal(piece);
        }
    }

    /// <returns>Bytes, by <c>/proc/self/status</c>.</returns>
    private static long Read(string what) => 1024 * File.ReadLines("/proc/self/status").Where(line => line.StartsWith($"{what}:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split((char[])[' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries)[1])).Single();
}
