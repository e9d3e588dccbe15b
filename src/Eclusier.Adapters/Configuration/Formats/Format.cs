using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Keys;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>What a key's value may be: the reader, the JSON Schema and the reference all ask it.</summary>
internal interface IFormat
{
    /// <summary>As the reference names it: <c>duration</c>.</summary>
    string Type { get; }

    JsonObject ToSchema();

    /// <summary>The group of keys behind this format, directly or as items, with what is between: <c>.&lt;name&gt;</c> or <c>[]</c>.</summary>
    (IGroup Group, string Suffix)? Inner => null;
}

/// <summary>A format whose values are read as <typeparamref name="T"/>.</summary>
internal abstract class Format<T> : IFormat
{
    public abstract string Type { get; }

    public abstract JsonObject ToSchema();

    public virtual (IGroup Group, string Suffix)? Inner => null;

    /// <returns><c>false</c> when there is no value to go on with; the reason has been reported.</returns>
    public abstract bool TryRead(Field field, [MaybeNullWhen(false)] out T value);
}

/// <summary>A value with its place in the file, for checks that need more than the value itself.</summary>
internal sealed record Located<T>(T Value, Field Field);

/// <summary>Remembers where a value was.</summary>
internal sealed class LocatedFormat<T>(Format<T> inner) : Format<Located<T>>
{
    public override string Type => inner.Type;

    public override (IGroup Group, string Suffix)? Inner => inner.Inner;

    public override JsonObject ToSchema() => inner.ToSchema();

    public override bool TryRead(Field field, [MaybeNullWhen(false)] out Located<T> value)
    {
        value = inner.TryRead(field, out var bare) ? new Located<T>(bare, field) : null;
        return value is not null;
    }
}

/// <summary>A format that is written as one text.</summary>
internal abstract class ScalarFormat<T> : Format<T>
{
    /// <summary>Completes "expected …".</summary>
    public abstract string Noun { get; }

    /// <summary>Messages may quote the value as the file has it; never where it might be a secret.</summary>
    protected virtual bool MayBeShown => true;

    /// <param name="text">With the environment's values in place.</param>
    /// <param name="written">As the file has it.</param>
    protected abstract Reading<T> Parse(string text, string written, Field field);

    /// <summary>The schema of the text without variables.</summary>
    protected abstract JsonObject ToOwnSchema();

    public sealed override JsonObject ToSchema() => new()
    {
        ["anyOf"] = new JsonArray(ToOwnSchema(), new JsonObject { ["$ref"] = "#/$defs/variable" }),
    };

    public sealed override bool TryRead(Field field, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (field.Value is not YamlValue.Text written || written.IsNothing)
        {
            field.Fail($"expected {Noun}, found {field.Value.Kind}{(field.Value is YamlValue.Mapping ? "; does it need quotes?" : "")}");
            return false;
        }

        if (!field.TryExpand(written.Content, out var text)) { return false; }

        var reading = Parse(text, written.Content, field);
        if (reading.Complaint is { } complaint)
        {
            field.Fail(MayBeShown ? $"{complaint}, found '{KeyPath.Show(written.Content)}'{reading.Hint}" : $"{complaint}{reading.Hint}");
            return false;
        }

        value = reading.Value!;
        return true;
    }
}

/// <summary>A value, or why there is none.</summary>
internal readonly record struct Reading<T>(T? Value, string? Complaint = null, string Hint = "")
{
    public static Reading<T> Wrong(string complaint, string hint = "") => new(default, complaint, hint);
}
