using System.Diagnostics.CodeAnalysis;
using System.Text;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Reading;

/// <summary>What reading a configuration needs from outside the file.</summary>
/// <param name="Folder">Where relative <c>*_file</c> paths begin: the configuration file's own folder.</param>
internal sealed record Surroundings(Problems Problems, string Folder, Func<string, string?> EnvironmentVariable, FileCheck FileCheck);

/// <summary>One value of the file, with its name and place.</summary>
/// <param name="Name">The key, or the position in a list.</param>
/// <param name="KeyPosition">Where the key is; for a list's item, where the item is.</param>
internal sealed record Field(Surroundings Surroundings, string Name, string Path, Position KeyPosition, YamlValue Value)
{
    public Field Child(YamlEntry entry) => this with
    {
        Name = entry.Key,
        Path = KeyPath.Join(Path, entry.Key),
        KeyPosition = entry.Position,
        Value = entry.Value,
    };

    public Field Item(int index, YamlValue value) => this with
    {
        Name = $"{index}",
        Path = $"{Path}[{index}]",
        KeyPosition = value.Position,
        Value = value,
    };

    /// <summary>The value is wrong.</summary>
    public void Fail(string message) => Surroundings.Problems.Add(Value.Position, Path, message);

    /// <summary>It is wrong that the key is here, or what is missing under it.</summary>
    public void FailAtKey(string message) => Surroundings.Problems.Add(KeyPosition, Path, message);

    public void WarnAtKey(string message) => Surroundings.Problems.Warn(KeyPosition, Path, message);

    /// <summary>Puts the environment's values in place of <c>${NAME}</c>; <c>$${</c> stands for <c>${</c>.</summary>
    public bool TryExpand(string written, [NotNullWhen(true)] out string? text)
    {
        var expanded = new StringBuilder(written.Length);
        var isComplete = true;
        for (var i = 0; i < written.Length; i++)
        {
            var rest = written.AsSpan(i);
            if (rest.StartsWith("$${"))
            {
                expanded.Append("${");
                i += 2;
            }
            else if (rest.StartsWith("${"))
            {
                var end = rest.IndexOf('}');
                var name = end < 0 ? "" : rest[2..end].ToString();
                if (ValueOf(name) is { } value) { expanded.Append(value); } else { isComplete = false; }
                if (end < 0) { break; }

                i += end;
            }
            else
            {
                expanded.Append(written[i]);
            }
        }

        text = isComplete ? expanded.ToString() : null;
        return isComplete;
    }

    private string? ValueOf(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            Fail("'${' begins the name of an environment variable and must go on with letters, digits or '_' and a '}'; write '$${' for a literal '${'");
            return null;
        }

        var value = Surroundings.EnvironmentVariable(name);
        if (value is null)
        {
            Fail($"the environment has no variable {KeyPath.Show(name)}; set it for eclusier, or write '$${{' for a literal '${{'");
        }

        return value;
    }
}
