using System.Globalization;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What a library costs: bytes of the program's file, bytes of memory filled at the start, and what of both is resident in the idle daemon.</summary>
internal sealed record LibraryCost(string Library, double InFile, double Filled, double Resident)
{
    private const double Kibibyte = 1024;
    private const int Page = 4096;

    /// <summary>Adds up the pages of the program that are in memory; a page that holds pieces of several is shared out by their bytes.</summary>
    public static async Task<IReadOnlyList<LibraryCost>> ReadAsync(EclusierHost host)
    {
        var parts = await ProgramParts.ReadAsync(host.Program);
        var isPresent = ReadPresence(host.DaemonId, host.Program, parts.Max(part => part.End));
        return [.. parts.GroupBy(part => part.Owner)
            .Select(owner => new LibraryCost(
                owner.Key,
                owner.Where(part => part.IsInFile).Sum(part => (double)(part.End - part.Start)) / Kibibyte,
                owner.Where(part => !part.IsInFile).Sum(part => (double)(part.End - part.Start)) / Kibibyte,
                owner.Sum(part => Present(part, isPresent)) / Kibibyte))
            .OrderByDescending(cost => cost.InFile + cost.Filled)];
    }

    private static double Present(Part part, bool[] isPresent)
    {
        var bytes = 0UL;
        for (var at = part.Start; at < part.End;)
        {
            var end = Math.Min(part.End, ((at / Page) + 1) * Page);
            bytes += isPresent[at / Page] ? end - at : 0;
            at = end;
        }

        return bytes;
    }

    /// <summary>Which pages the process has, counted from where its program begins: bit 63 of an entry of <c>pagemap</c>.</summary>
    private static bool[] ReadPresence(int process, string program, ulong size)
    {
        var first = File.ReadLines($"/proc/{process}/maps").First(line => line.EndsWith(program, StringComparison.Ordinal));
        var start = ulong.Parse(first[..first.IndexOf('-', StringComparison.Ordinal)], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var entries = new byte[((size / Page) + 1) * sizeof(ulong)];
        using var pagemap = File.OpenRead($"/proc/{process}/pagemap");
        pagemap.Seek((long)(start / Page * sizeof(ulong)), SeekOrigin.Begin);
        pagemap.ReadExactly(entries);
        return [.. entries.Chunk(sizeof(ulong)).Select(entry => (entry[7] & 0x80) != 0)];
    }
}
