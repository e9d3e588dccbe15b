using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Keys;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>A list of values of one format.</summary>
/// <param name="plural">Completes "expected a list of …".</param>
internal sealed class ListFormat<T>(string plural, Format<T> item) : Format<IReadOnlyList<T>>
{
    public bool MayBeEmpty { get; init; } = true;

    public override string Type => $"list of {plural}";

    public override (IGroup Group, string Suffix)? Inner => item.Inner is var (group, suffix) ? (group, "[]" + suffix) : null;

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.ToSchema() };
        if (!MayBeEmpty) { schema["minItems"] = 1; }

        return schema;
    }

    /// <remarks>Items that cannot be read are left out: they have been reported.</remarks>
    public override bool TryRead(Field field, [MaybeNullWhen(false)] out IReadOnlyList<T> value)
    {
        value = null;
        if (field.Value is not YamlValue.List list)
        {
            field.Fail($"expected a list of {plural}, found {field.Value.Kind}{(field.Value.Kind == "text" ? "; write it as [a, b] or with '- ' before each" : "")}");
            return false;
        }

        if (list.Items.Count == 0 && !MayBeEmpty)
        {
            field.Fail($"expected at least one of {plural}, found an empty list");
            return false;
        }

        var items = new List<T>(list.Items.Count);
        foreach (var (index, written) in list.Items.Index())
        {
            if (item.TryRead(field.Item(index, written), out var read)) { items.Add(read); }
        }

        value = items;
        return true;
    }
}

/// <summary>A mapping whose keys the person chooses: names of stacks, of variables, of headers.</summary>
/// <param name="noun">Completes "expected …" for a key.</param>
/// <param name="plural">Completes "expected a mapping of …".</param>
internal sealed class MapFormat<T>(string noun, string plural, Regex keyRule, Format<T> item) : Format<IReadOnlyList<KeyValuePair<string, T>>>
{
    public bool MayBeEmpty { get; init; } = true;

    /// <summary>What the rule cannot say about a key: a complaint, or <c>null</c>.</summary>
    public Func<string, string?> KeyCheck { get; init; } = _ => null;

    public override string Type => $"mapping of {plural}";

    public override (IGroup Group, string Suffix)? Inner => item.Inner is var (group, suffix) ? (group, ".<name>" + suffix) : null;

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = keyRule.ToString() },
            ["additionalProperties"] = item.ToSchema(),
        };
        if (!MayBeEmpty) { schema["minProperties"] = 1; }

        return schema;
    }

    /// <remarks>Entries that cannot be read are left out: they have been reported.</remarks>
    public override bool TryRead(Field field, [MaybeNullWhen(false)] out IReadOnlyList<KeyValuePair<string, T>> value)
    {
        value = null;
        if (field.Value is not YamlValue.Mapping mapping)
        {
            field.Fail($"expected a mapping of {plural}, found {field.Value.Kind}");
            return false;
        }

        if (mapping.Entries.Count == 0 && !MayBeEmpty)
        {
            field.Fail($"expected a mapping of {plural}, found an empty one");
            return false;
        }

        var entries = new List<KeyValuePair<string, T>>(mapping.Entries.Count);
        foreach (var entry in mapping.Entries)
        {
            var child = field.Child(entry);
            var complaint = keyRule.IsMatch(entry.Key) && !entry.Key.EndsWith('\n') ? KeyCheck(entry.Key) : $"expected {noun}";
            if (complaint is not null) { child.FailAtKey(complaint); }
            if (item.TryRead(child, out var read)) { entries.Add(new(entry.Key, read)); }
        }

        value = entries;
        return true;
    }
}
