using System.Globalization;
using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>A piece of the program, from one symbol to the next.</summary>
/// <param name="Owner">The library that it is there for, or in brackets what else it is.</param>
/// <param name="IsInFile">Not only memory that is filled at the start.</param>
internal sealed record Part(ulong Start, ulong End, string Owner, bool IsInFile);

/// <summary>What the published program consists of, by its symbols: <c>./build</c> leaves them beside the compiler's output.</summary>
internal static partial class ProgramParts
{
    private const string CoreLibrary = "System.Private.CoreLib";

    private static string Project => Path.Combine(SourceTree.Root, "src", "Eclusier");

    public static async Task<IReadOnlyList<Part>> ReadAsync(string program)
    {
        var symbolFile = await FindSymbolsAsync(program);
        var owners = new Owners(File.ReadLines(ResponseFileOf(symbolFile)));
        var sections = (await Tool.RunAsync("readelf", "--sections", "--wide", program)).Split('\n').Select(line => SectionLine().Match(line)).Where(match => match.Success)
            .Select(match => (Name: match.Groups[1].Value, Kind: match.Groups[2].Value, Start: Hex(match.Groups[3].Value), Size: Hex(match.Groups[4].Value)))
            .Where(section => section.Start > 0 && section.Name is not (".tdata" or ".tbss")).ToList(); // a thread's own lie at no address
        var symbols = (await Tool.RunAsync("nm", "--numeric-sort", "--defined-only", symbolFile)).Split('\n')
            .Where(line => line.Length > 19).Select(line => (Start: Hex(line[..16]), Name: line[19..])).DistinctBy(symbol => symbol.Start).ToList();

        if (symbols.Count == 0)
        {
            throw new InvalidOperationException("the program's symbols are lost: a build was broken off. Delete src/Eclusier/bin and run ./build");
        }

        var parts = new List<Part>();
        var next = 0;
        foreach (var section in sections)
        {
            var (end, isInFile, before) = (section.Start + section.Size, section.Kind != "NOBITS", section.Start);
            var owner = Owners.OfSection(section.Name);
            while (next < symbols.Count && symbols[next].Start < section.Start)
            {
                next++;
            }

            for (; next < symbols.Count && symbols[next].Start < end; next++)
            {
                parts.Add(new Part(before, symbols[next].Start, owner, isInFile));
                (before, owner) = (symbols[next].Start, owners.Of(symbols[next].Name, section.Name));
            }

            parts.Add(new Part(before, end, owner, isInFile));
        }

        return [.. parts.Where(part => part.End > part.Start)];
    }

    /// <summary>By the build's id: there may be some of an older build, and of another processor's.</summary>
    private static async Task<string> FindSymbolsAsync(string program)
    {
        var buildId = await BuildIdAsync(program);
        var folder = new DirectoryInfo(Path.Combine(Project, "bin", "Release"));
        var all = folder.Exists ? folder.GetFiles("eclusier.dbg", SearchOption.AllDirectories) : [];
        foreach (var file in all.OrderByDescending(file => file.LastWriteTimeUtc))
        {
            if (await BuildIdAsync(file.FullName) == buildId)
            {
                return file.FullName;
            }
        }

        throw new InvalidOperationException(all.Length == 0 ? "there are no symbols of the program: run ./build first" : "there are symbols only of other builds than the program's: run ./build first");
    }

    /// <summary>What the compiler was given: <c>bin/…/native/eclusier.dbg</c> was linked from <c>obj/…/native/</c>.</summary>
    private static string ResponseFileOf(string symbolFile) =>
        Path.Combine(Project, "obj", Path.GetRelativePath(Path.Combine(Project, "bin"), Path.GetDirectoryName(symbolFile)!), "eclusier.ilc.rsp");

    private static async Task<string> BuildIdAsync(string file) =>
        BuildIdLine().Match(await Tool.RunAsync("readelf", "--notes", file)) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"{file} has no build id");

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\[\s*\d+\] (\S+)\s+(\S+)\s+([0-9a-f]{16}) [0-9a-f]+ ([0-9a-f]+)")]
    private static partial Regex SectionLine();

    [GeneratedRegex(@"Build ID: ([0-9a-f]+)")]
    private static partial Regex BuildIdLine();

    /// <summary>Whom a symbol is there for: a generic type of the runtime over a library's type, for the library.</summary>
    private sealed class Owners
    {
        private readonly Dictionary<string, string> libraries;
        private readonly Regex mention;

        /// <param name="response">The lines of the compiler's response file.</param>
        public Owners(IEnumerable<string> response)
        {
            libraries = response.Where(line => line.EndsWith(".dll", StringComparison.Ordinal)).Select(line => Path.GetFileNameWithoutExtension(line))
                .Where(name => name is not ("System" or "mscorlib" or "netstandard")) // only names, nothing inside; and namespaces begin with the first
                .DistinctBy(Mangled).ToDictionary(Mangled);
            libraries["String"] = CoreLibrary;
            mention = new Regex($"(?:(?<=[<>_ 0-9])|(?<=STATICS)|(?<=Boxed_)|^)({string.Join('|', libraries.Keys.OrderByDescending(name => name.Length).Select(Regex.Escape))})_");
        }

        public static string OfSection(string section) => section switch
        {
            ".eh_frame" or ".eh_frame_hdr" or ".dotnet_eh_table" => "(where exceptions go)",
            ".rela.dyn" or ".rela.plt" or ".dynsym" or ".dynstr" or ".gnu.version" or ".gnu.version_r" or ".gnu.hash" => "(what the loader reads)",
            _ => "(the runtime in C++: collector, threads, compression)",
        };

        public string Of(string symbol, string section)
        {
            if (symbol.StartsWith("__Str_", StringComparison.Ordinal))
            {
                return "(texts in the code, of all)";
            }

            string? first = null;
            for (var match = mention.Match(symbol); match.Success; match = match.NextMatch())
            {
                var library = libraries[match.Groups[1].Value];
                if (!IsRuntime(library))
                {
                    return library;
                }

                first ??= library;
            }

            return first ?? symbol switch
            {
                "__dehydrated_data" => "(type tables as packed in the file, of all)",
                "__embedded_resourcedata" => "(embedded files and the runtime's messages)",
                _ when symbol.StartsWith("__embedded", StringComparison.Ordinal) || symbol.StartsWith("_stacktrace", StringComparison.Ordinal) => "(names for reflection and stack traces, of all)",
                _ when section is ".hydrated" || (section is ".rodata" && symbol.StartsWith('_')) => "(lists of types and methods, of all)",
                _ => OfSection(section),
            };
        }

        private static bool IsRuntime(string library) => library.StartsWith("System.", StringComparison.Ordinal) || library.StartsWith("Microsoft.Win32.", StringComparison.Ordinal);

        private static string Mangled(string library) => Regex.Replace(library, "[^A-Za-z0-9]", "_").Replace("System_Private_", "S_P_", StringComparison.Ordinal);
    }
}
