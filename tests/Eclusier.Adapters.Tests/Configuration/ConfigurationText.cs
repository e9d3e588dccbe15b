using Eclusier.Adapters.Configuration;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Tests.Configuration;

/// <summary>Configurations as text, read where every file can be read and a few variables exist.</summary>
internal static class ConfigurationText
{
    public const string SecretValue = "s3cr3t-of-the-environment";

    /// <summary>A whole file around some lines of a stack.</summary>
    public static string Shop(string lines) => $"""
        stacks:
          shop:
            repository: https://git.example.org/shop.git
            {lines.ReplaceLineEndings("\n    ")}

        """;

    public static ConfigurationResult Parse(string text) => ConfigurationLoader.Parse(text, "/etc/eclusier/eclusier.yaml", Variable, _ => null);

    public static AgentSettings ParseValid(string text)
    {
        var result = Parse(text);
        Assert.Empty(result.Problems);
        return result.Settings!;
    }

    public static string? Variable(string name) => name switch
    {
        "TOKEN" => SecretValue,
        "HOST" => "git.example.org",
        "INTERVAL" => "7m",
        "BRACES" => "{x}",
        "EMPTY" => "",
        _ => null,
    };

    /// <summary>Takes the mark <c>»</c> out of a text and says where it was.</summary>
    public static (string Text, int Line, int Column) WithoutMark(string marked)
    {
        var index = marked.IndexOf('»', StringComparison.Ordinal);
        Assert.True(index >= 0, "the text has no mark");
        var before = marked[..index];
        return (marked.Remove(index, 1), before.Count(character => character == '\n') + 1, index - before.LastIndexOf('\n'));
    }
}
