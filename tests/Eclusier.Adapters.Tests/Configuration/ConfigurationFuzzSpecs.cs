using CsCheck;
using Eclusier.Adapters.Tests.Fuzzing;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationFuzzSpecs
{
    private static readonly string[] Fragments =
    [
        "\n", "  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", ",", "\"", "'", "#", " #", "&a ", "*a", "<<: *a", "!x ", "? ", "|\n", ">-\n", "%", "@", "`", "\0",
        "---\n", "...\n", "${", "${TOKEN}", "$${", "{commit}", "~", "null", "-1", "99999999999999999999", "\uFEFF", "\uD800", "é", "\\x", "\"\\UFFFFFFFF\"", "x-", "\r",
    ];

    /// <summary>An edited configuration: pieces cut out, replaced by what YAML parsers dislike.</summary>
    private static readonly Gen<string> Edited =
        from edits in (
            from at in Gen.Double[0, 1]
            from cut in Gen.Frequency((3, Gen.Int[0, 3]), (1, Gen.Int[0, 200]))
            from fragment in Gen.OneOf(Gen.Int[0, Fragments.Length - 1].Select(index => Fragments[index]), Gen.String[0, 3])
            from times in Gen.Frequency((20, Gen.Const(1)), (1, Gen.Int[2, 2000]))
            select (at, cut, text: string.Concat(Enumerable.Repeat(fragment, times)))).Array[1, 5]
        select edits.Aggregate(ConfigurationSpecs.Everything, (current, change) =>
        {
            var start = (int)(change.at * current.Length);
            return current.Remove(start, Math.Min(change.cut, current.Length - start)).Insert(start, change.text);
        });

    [Fact]
    public void Whatever_the_file_holds_reading_it_ends_with_settings_or_problems() => Fuzz.Check(Edited, text =>
    {
        var result = Parse(text);

        Assert.Equal(result.Problems.Count > 0, result.Settings is null);
        Assert.All(result.Problems, problem =>
        {
            Assert.True(problem is { Line: > 0, Column: > 0 }, problem.ToString());
            Assert.DoesNotContain(problem.ToString(), char.IsControl);
            Assert.DoesNotContain(SecretValue, problem.ToString(), StringComparison.Ordinal);
        });
    });

    /// <summary>What YamlDotNet does not call by its own name of errors.</summary>
    [Theory]
    [InlineData("interval: !<x y> 3m")]
    [InlineData("interval: !<1d:/> 3m")]
    [InlineData("interval: \"\\UFFFFFFFF\"")]
    [InlineData("stacks: [")]
    public void Bad_YAML_is_a_problem_with_a_place(string text)
    {
        var result = Parse(text);

        Assert.Null(result.Settings);
        Assert.Contains(result.Problems, problem => problem.ToString().Contains("not valid YAML", StringComparison.Ordinal) && problem.Line > 0);
    }

    [Fact]
    public void Every_prefix_of_a_valid_file_is_read_to_its_end()
    {
        for (var length = 0; length < ConfigurationSpecs.Everything.Length; length++)
        {
            var result = Parse(ConfigurationSpecs.Everything[..length]);

            Assert.Equal(result.Problems.Count == 0, result.Settings is not null);
        }
    }
}
