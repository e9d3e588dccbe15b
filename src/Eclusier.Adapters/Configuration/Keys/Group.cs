using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>A mapping with known keys.</summary>
internal interface IGroup
{
    /// <summary>Completes "unknown key of …" and heads the reference's section.</summary>
    string Title { get; }

    IReadOnlyList<Key> Keys { get; }

    IReadOnlyList<KeyRule> Rules { get; }
}

/// <summary>A mapping with known keys, read as <typeparamref name="T"/>.</summary>
/// <param name="build">Makes the value; <c>null</c> when something it needs is missing (reported already).</param>
internal sealed class Group<T>(string title, IReadOnlyList<Key> keys, IReadOnlyList<KeyRule> rules, Func<GroupReading, T?> build) : Format<T>, IGroup
    where T : class
{
    public string Title => title;

    public IReadOnlyList<Key> Keys => keys;

    public IReadOnlyList<KeyRule> Rules => rules;

    /// <summary>Keys that begin so are nobody's: a place for YAML anchors.</summary>
    public string? FreePrefix { get; init; }

    public override string Type => "mapping";

    public override (IGroup Group, string Suffix)? Inner => (this, "");

    public override JsonObject ToSchema() => ConfigurationSchema.Of(this, FreePrefix);

    public override bool TryRead(Field field, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        if (field.Value is not YamlValue.Mapping mapping)
        {
            field.Fail($"expected a mapping ({string.Join(", ", keys.Take(4).Select(key => key.Name))}{(keys.Count > 4 ? ", …" : "")}), found {field.Value.Kind}");
            return false;
        }

        var reading = new GroupReading(field);
        foreach (var entry in mapping.Entries)
        {
            var child = field.Child(entry);
            if (keys.FirstOrDefault(key => key.Name == entry.Key) is { } known)
            {
                reading.Add(known, child);
            }
            else if (FreePrefix is null || !entry.Key.StartsWith(FreePrefix, StringComparison.Ordinal))
            {
                child.FailAtKey($"unknown key{HintFor(entry.Key)}");
            }
        }

        foreach (var key in keys.Where(key => key.IsRequired && !reading.Has(key)))
        {
            field.FailAtKey($"'{key.Name}' is missing");
        }

        foreach (var rule in rules)
        {
            rule.Check(reading);
        }

        value = build(reading);
        return value is not null;
    }

    private string HintFor(string word)
    {
        var names = keys.Select(key => key.Name);
        return NearestWord.Find(word, names) is { } nearest ? $"; did you mean '{nearest}'?" : $"; {title} takes {string.Join(", ", names)}";
    }
}

/// <summary>The keys of one group that the file gives, read and checked one by one.</summary>
internal sealed class GroupReading(Field field)
{
    private readonly Dictionary<Key, (Field Field, object? Value)> _values = [];

    public Field Field { get; } = field;

    public void Add(Key key, Field child) => _values[key] = (child, key.TryRead(child, out var value) ? value : null);

    /// <summary>The file has the key, right or wrong.</summary>
    public bool Has(Key key) => _values.ContainsKey(key);

    /// <exception cref="KeyNotFoundException">The file does not have the key.</exception>
    public Field FieldOf(Key key) => _values[key].Field;

    /// <summary>The value, or its default when the key is left out or wrong.</summary>
    public T Value<T>(DefaultedKey<T> key) where T : notnull => Read(key) is T value ? value : key.DefaultValue;

    /// <summary>The value, or <c>null</c> when the key is left out or wrong.</summary>
    public T? Find<T>(Key<T> key) where T : class => Read(key) as T;

    /// <inheritdoc cref="Find{T}(Key{T})"/>
    public T? FindValue<T>(Key<T> key) where T : struct => Read(key) as T?;

    private object? Read(Key key) => _values.TryGetValue(key, out var read) ? read.Value : null;
}
