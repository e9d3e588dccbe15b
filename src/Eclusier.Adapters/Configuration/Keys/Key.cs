using System.Diagnostics.CodeAnalysis;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The one definition of a configuration key: reading, the JSON Schema and the reference all come from it.</summary>
internal abstract class Key(string name, IFormat format)
{
    public string Name => name;

    public IFormat Format => format;

    /// <summary>One paragraph of Markdown.</summary>
    public required string Description { get; init; }

    /// <summary>A line or two of YAML; <c>null</c> where the keys below it have their own.</summary>
    public string? Example { get; init; }

    public bool IsRequired { get; init; }

    /// <summary>The value when the key is left out, as YAML.</summary>
    public virtual string? Default => null;

    /// <summary>What happens when the key is left out, where <see cref="Default"/> cannot say it.</summary>
    public string? Otherwise { get; init; }

    public abstract bool TryRead(Field field, [NotNullWhen(true)] out object? value);
}

/// <summary>A key whose value is a <typeparamref name="T"/>.</summary>
internal class Key<T>(string name, Format<T> format) : Key(name, format)
    where T : notnull
{
    public override bool TryRead(Field field, [NotNullWhen(true)] out object? value)
    {
        value = format.TryRead(field, out var read) ? read : null;
        return value is not null;
    }
}

/// <summary>A key that has a value even when it is left out.</summary>
/// <param name="defaultYaml">As a person would write it.</param>
internal sealed class DefaultedKey<T>(string name, Format<T> format, string defaultYaml) : Key<T>(name, format)
    where T : notnull
{
    public override string? Default => defaultYaml;

    public T DefaultValue
    {
        get
        {
            var problems = new Problems($"the default of {Name}");
            var surroundings = new Surroundings(problems, "/", _ => null, _ => null);
            var value = YamlTreeReader.Read(defaultYaml, problems)!;
            return TryRead(new Field(surroundings, Name, Name, value.Position, value), out var read) && !problems.Any
                ? (T)read
                : throw new InvalidOperationException(string.Join(Environment.NewLine, problems.All)); // a mistake in the definition
        }
    }
}
