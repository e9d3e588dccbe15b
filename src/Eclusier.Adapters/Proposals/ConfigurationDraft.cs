using System.Text;
using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Proposals;

/// <summary>A configuration of one stack while it is put together: keys with their values and the reason for each.</summary>
internal sealed partial class ConfigurationDraft(string name)
{
    private readonly List<(string Key, string Value, string? Why)> entries = [];
    private readonly List<string> remarks = [];

    public string Name => name;

    public string? StateDirectory { get; set; }

    /// <param name="key">As in the reference, with dots: <c>auth.token_file</c>. What was there under it is replaced.</param>
    /// <param name="value">A text; one that begins with <c>[</c> or <c>{</c> is taken for a list or map as written.</param>
    public void Set(string key, string value, string? why = null)
    {
        var entry = (key, value.StartsWith('[') || value.StartsWith('{') ? value : Scalar(value), why);
        var known = entries.FindIndex(one => one.Key == key);
        if (known >= 0)
        {
            entries[known] = entry;
        }
        else
        {
            entries.Add(entry);
        }
    }

    public bool Has(string key) => entries.Any(entry => entry.Key == key || entry.Key.StartsWith(key + ".", StringComparison.Ordinal));

    /// <summary>Lines that are proposed as comments.</summary>
    public void Remark(params IEnumerable<string> lines) => remarks.AddRange(lines);

    public string ToText(string origin) =>
        $"# Proposed by `eclusier init` from {origin}.\n# Every key: docs/configuration.md. After changes: `eclusier config check`.\n{(StateDirectory is null ? "" : $"state_dir: {Scalar(StateDirectory)}\n")}stacks:\n{ToStackText()}";

    public string ToStackText()
    {
        var text = new StringBuilder($"  {Scalar(name)}:\n");
        foreach (var group in entries.GroupBy(entry => entry.Key.Split('.')[0]))
        {
            if (group.Count() == 1 && group.First().Key == group.Key)
            {
                Line(text, 4, $"{group.Key}: {group.First().Value}", group.First().Why);
                continue;
            }

            Line(text, 4, $"{group.Key}:", null);
            foreach (var (key, value, why) in group)
            {
                Line(text, 6, $"{Scalar(key[(group.Key.Length + 1)..])}: {value}", why);
            }
        }

        foreach (var remark in remarks)
        {
            text.Append($"    # {remark}".TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    public static string Scalar(string text) =>
        Plain().IsMatch(text) && !Special().IsMatch(text) ? text : $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    private static void Line(StringBuilder text, int indent, string line, string? why)
    {
        const int Column = 44;
        text.Append(' ', indent).Append(why is null ? line : $"{line.PadRight(Column - indent)} # {why}").Append('\n');
    }

    [GeneratedRegex(@"^[A-Za-z0-9/_][A-Za-z0-9/_.@+-]*(?::[A-Za-z0-9/_.@+-]+)*\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^(?:true|false|yes|no|on|off|null|[0-9.+-]+|[0-9]+:[0-9:]+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Special();
}
