namespace Eclusier.Adapters.Configuration.Yaml;

/// <summary>A place in the file; line and column count from 1.</summary>
internal readonly record struct Position(int Line, int Column);

/// <summary>A YAML document as a tree: aliases are resolved, merge keys are merged, every part knows where it is written.</summary>
/// <remarks>Classes, not records: a generated ToString would print secrets.</remarks>
internal abstract class YamlValue
{
    private YamlValue(Position position, int size) => (Position, Size) = (position, size);

    public Position Position { get; }

    /// <summary>How many values this is when every alias is written out; aliases of aliases make a short file huge.</summary>
    public int Size { get; }

    /// <summary>Completes "found …".</summary>
    public abstract string Kind { get; }

    public sealed class Text(Position position, string content, bool isPlain) : YamlValue(position, 1)
    {
        public string Content => content;

        /// <summary>Nothing was written, or one of YAML's words for it.</summary>
        public bool IsNothing => isPlain && content is "" or "~" or "null" or "Null" or "NULL";

        public override string Kind => IsNothing ? "nothing" : "text";
    }

    public sealed class List(Position position, IReadOnlyList<YamlValue> items) : YamlValue(position, Sum(items))
    {
        public IReadOnlyList<YamlValue> Items => items;

        public override string Kind => "a list";
    }

    public sealed class Mapping(Position position, IReadOnlyList<YamlEntry> entries) : YamlValue(position, Sum(entries.Select(entry => entry.Value)))
    {
        public IReadOnlyList<YamlEntry> Entries => entries;

        public override string Kind => "a mapping";
    }

    private static int Sum(IEnumerable<YamlValue> values) => (int)Math.Min(int.MaxValue, values.Sum(value => (long)value.Size) + 1);
}

internal sealed record YamlEntry(string Key, Position Position, YamlValue Value);
