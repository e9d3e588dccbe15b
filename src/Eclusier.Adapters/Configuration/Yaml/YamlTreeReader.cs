using System.Diagnostics.CodeAnalysis;
using Eclusier.Adapters.Configuration.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Eclusier.Adapters.Configuration.Yaml;

/// <summary>Reads YAML into a tree. Broken syntax is one problem; duplicate keys and the like are reported and stepped over.</summary>
/// <remarks>YamlDotNet's own node model stops at the first duplicate key and follows aliases without limit, hence events.</remarks>
internal sealed class YamlTreeReader
{
    private const int DepthLimit = 40;
    private const int SizeLimit = 50_000;

    private readonly Problems _problems;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlValue> _anchors = [];
    private readonly Stack<ParsingEvent> _open = new(); // lists and mappings whose end has not come yet

    private YamlTreeReader(string text, Problems problems)
    {
        _problems = problems;
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    /// <returns><c>null</c> when the text is not YAML (reported) or holds nothing at all (not reported).</returns>
    public static YamlValue? Read(string text, Problems problems) => new YamlTreeReader(text, problems).Read();

    private YamlValue? Read()
    {
        try
        {
            return ReadDocument();
        }
        catch (YamlException exception)
        {
            _problems.Add(At(exception.Start), "", $"not valid YAML: {Lower(exception.Message)}{HintFor(exception.Message)}{NotClosed()}");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException) // how YamlDotNet meets an unclosed list, a bad \U escape and a bad tag
        {
            _problems.Add(At(_scanner.CurrentPosition), "", $"not valid YAML{NotClosed()}");
        }

        return null;
    }

    private YamlValue? ReadDocument()
    {
        Next(); // the stream's start
        if (Next() is StreamEnd) { return null; }
        Next();
        var value = ReadValue("");
        Next(); // the document's end
        if (Next() is DocumentStart second)
        {
            _problems.Add(At(second.Start), "", "a second YAML document begins here, but a configuration is one document");
        }

        return value;
    }

    private YamlValue ReadValue(string path)
    {
        var start = _parser.Current!;
        if (start is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw new SemanticErrorException(alias.Start, alias.End, "Found an alias without an anchor before it");
        }

        if (start is not NodeEvent node) // the parser skips the value of some broken entries
        {
            throw new SemanticErrorException(start.Start, start.End, "Found the end where a value was expected");
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && !node.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
        {
            _problems.Add(At(node.Start), path, "YAML tags (!…) have no meaning here");
        }

        YamlValue value = node switch
        {
            Scalar scalar => new YamlValue.Text(At(scalar.Start), scalar.Value, scalar.Style is ScalarStyle.Plain),
            SequenceStart => ReadList(node, path),
            _ => ReadMapping(node, path),
        };
        if (value.Size > SizeLimit)
        {
            throw new SemanticErrorException(node.Start, node.End, "Found too many values; are aliases nested?");
        }

        if (!node.Anchor.IsEmpty) { _anchors[node.Anchor.Value] = value; }
        return value;
    }

    private YamlValue.List ReadList(NodeEvent start, string path)
    {
        Open(start);
        var items = new List<YamlValue>();
        while (Next() is not SequenceEnd)
        {
            items.Add(ReadValue($"{path}[{items.Count}]"));
        }

        _open.Pop();
        return new YamlValue.List(At(start.Start), items);
    }

    private YamlValue.Mapping ReadMapping(NodeEvent start, string path)
    {
        Open(start);
        var entries = new OrderedDictionary<string, YamlEntry>();
        IEnumerable<YamlEntry>? merged = null;
        while (Next() is not MappingEnd)
        {
            if (!TryReadKey(path, out var key, out var position, out var isMerge)) { continue; }

            Next();
            var keyPath = KeyPath.Join(path, key);
            var value = ReadValue(keyPath);
            if (isMerge && merged is null)
            {
                merged = EntriesToMerge(value, position, keyPath);
            }
            else if (isMerge)
            {
                _problems.Add(position, keyPath, "a mapping has one '<<'; give it a list to merge several");
            }
            else if (!entries.TryAdd(key, new YamlEntry(key, position, value)))
            {
                _problems.Add(position, keyPath, $"the key is given twice; the first is in line {entries[key].Position.Line}");
            }
        }

        _open.Pop();
        foreach (var entry in merged ?? [])
        {
            entries.TryAdd(entry.Key, entry); // what is written here wins, then the earlier merge
        }

        return new YamlValue.Mapping(At(start.Start), [.. entries.Values]);
    }

    private bool TryReadKey(string path, [NotNullWhen(true)] out string? key, out Position position, out bool isMerge)
    {
        var start = _parser.Current!;
        var value = ReadValue(path);
        position = At(start.Start); // of the key, also when it is an alias
        key = (value as YamlValue.Text)?.Content;
        isMerge = start is Scalar { Style: ScalarStyle.Plain, Value: "<<" };
        if (key is not null) { return true; }

        _problems.Add(position, path, $"expected text as key, found {value.Kind}");
        Next();
        ReadValue(path);
        return false;
    }

    private IEnumerable<YamlEntry> EntriesToMerge(YamlValue value, Position position, string path)
    {
        IReadOnlyList<YamlValue> sources = value is YamlValue.List list ? list.Items : [value];
        foreach (var source in sources)
        {
            if (source is not YamlValue.Mapping)
            {
                _problems.Add(position, path, $"expected an alias of a mapping (or a list of them) to merge, found {source.Kind}");
            }
        }

        return sources.OfType<YamlValue.Mapping>().SelectMany(mapping => mapping.Entries);
    }

    private void Open(NodeEvent start)
    {
        if (_open.Count == DepthLimit)
        {
            throw new SemanticErrorException(start.Start, start.End, $"Found more than {DepthLimit} lists and mappings inside each other");
        }

        _open.Push(start);
    }

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw new InvalidOperationException("The YAML stream has ended.");

    private string NotClosed() => _open.FirstOrDefault(IsFlow) is { } flow
        ? $"; the {(flow is SequenceStart ? "list '['" : "mapping '{'")} that begins at {flow.Start.Line}:{flow.Start.Column} is not closed or not well-formed"
        : "";

    private static bool IsFlow(ParsingEvent start) => start is SequenceStart { Style: SequenceStyle.Flow } or MappingStart { Style: MappingStyle.Flow };

    private static string HintFor(string message) =>
        message.Contains("invalid mapping", StringComparison.Ordinal) ? " (a text with ': ' in it needs quotes; is the indentation right?)"
        : message.Contains("cannot start any token", StringComparison.Ordinal) ? " (a text that begins with a special character needs quotes; tabs cannot indent)"
        : message.Contains("flow mapping", StringComparison.Ordinal) ? " (inside { } a text with braces, such as ${NAME}, needs quotes)"
        : "";

    private static string Lower(string message) => $"{char.ToLowerInvariant(message[0])}{message[1..].TrimEnd('.')}";

    private static Position At(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
