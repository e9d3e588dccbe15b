using static Eclusier.Adapters.Tests.Configuration.ConfigurationMistakeSpecs;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationYamlSpecs
{
    public static TheoryData<string, string> BrokenSyntax => new()
    {
        { "stacks:\n  shop:\n    repository: a»: b\n", "not valid YAML: while scanning a plain scalar value, found invalid mapping (a text with ': ' in it needs quotes; is the indentation right?)" },
        { "stacks:\n  shop:\n    tag: »*nothing\n", "not valid YAML: found an alias without an anchor before it" },
        { "a: &a [»*a]\n", "not valid YAML: found an alias without an anchor before it; the list '[' that begins at 1:4 is not closed or not well-formed" },
        { "stacks: { shop: [1, 2\n»b: 3\n", "not valid YAML; the list '[' that begins at 1:17 is not closed or not well-formed" },
        { "stacks: { shop: 1\n»", "not valid YAML: while parsing a flow mapping, did not find expected ',' or '}' (inside { } a text with braces, such as ${NAME}, needs quotes); the mapping '{' that begins at 1:9 is not closed or not well-formed" },
        { "stacks:\n  shop: »@a\n", "not valid YAML: while scanning for the next token, found character that cannot start any token (a text that begins with a special character needs quotes; tabs cannot indent)" },
        { "stacks:\n  shop: »\"a\\qb\"\n", "not valid YAML: while scanning a quoted scalar, found unknown escape character" },
        { "stacks:\n  shop: \"\\UFFFFFFFF»\"\n", "not valid YAML" },
        { "stacks: { shop: { tag: $»{A} } }\n", "not valid YAML: while parsing a flow mapping, did not find expected ',' or '}' (inside { } a text with braces, such as ${NAME}, needs quotes); the mapping '{' that begins at 1:17 is not closed or not well-formed" },
        { "stacks:\n  a: { repository: /a }\n:\n»", "not valid YAML: found the end where a value was expected" },
        { "stacks:\n  shop: »'never closed\n", "not valid YAML: while scanning a quoted scalar, found unexpected end of stream" },
    };

    [Theory]
    [MemberData(nameof(BrokenSyntax))]
    public void Broken_syntax_is_one_problem_with_its_place(string marked, string message) => AssertProblem(marked, message);

    public static TheoryData<string, string> OddStructure => new()
    {
        { Shop("»repository: /srv/b"), "stacks.shop.repository: the key is given twice; the first is in line 3" },
        { "stacks: { a: { repository: /a } }\n»stacks: { b: { repository: /b } }\n", "stacks: the key is given twice; the first is in line 1" },
        { Shop("environment: { A: 1, »A: 2 }"), "stacks.shop.environment.A: the key is given twice; the first is in line 4" },
        { Shop("directory: »!secret deploy"), "stacks.shop.directory: YAML tags (!…) have no meaning here" },
        { Shop("? »[a, b]\n: c"), "stacks.shop: expected text as key, found a list" },
        { Shop("»<<: text"), "stacks.shop.<<: expected an alias of a mapping (or a list of them) to merge, found text" },
        { "x-a: &a {}\n" + Shop("<<: *a\n»<<: *a"), "stacks.shop.<<: a mapping has one '<<'; give it a list to merge several" },
        { "stacks: { a: { repository: /a } }\n»---\nstacks: {}\n", "a second YAML document begins here, but a configuration is one document" },
        { "»", "the file is empty; expected at least 'stacks'" },
        { "»# only a comment\n", "the file is empty; expected at least 'stacks'" },
        { "»--- ~\n", "the file is empty; expected at least 'stacks'" },
    };

    [Theory]
    [MemberData(nameof(OddStructure))]
    public void Odd_structure_is_told_with_its_place(string marked, string message) => AssertProblem(marked, message);

    [Fact]
    public void What_follows_a_duplicate_key_is_checked_too() =>
        Assert.Equal(
            ["5:5: stacks.shop.retain", "6:15: stacks.shop.interval"],
            Parse(Shop("retain: 1\nretain: 2\ninterval: none")).Problems.Select(problem => $"{problem.Line}:{problem.Column}: {problem.Path}"));

    [Fact]
    public void Anchors_aliases_and_merge_keys_share_what_stacks_have_in_common()
    {
        var settings = ParseValid("""
            x-slow: &slow { interval: 1h, retain: 9 }
            x-defaults: &defaults
              interval: 1m
              health: &health { soak: 1m }
            stacks:
              a: { <<: *defaults, repository: /srv/a }
              b: { repository: /srv/b, health: *health }
              c: { <<: [*slow, *defaults], repository: /srv/c, retain: 1 }

            """);

        Assert.Equal(TimeSpan.FromMinutes(1), settings.Stacks[0].Interval);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Stacks[0].Health.Soak);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Stacks[1].Health.Soak);
        Assert.Equal((TimeSpan.FromHours(1), 1), (settings.Stacks[2].Interval, settings.Stacks[2].Retain));
    }

    [Fact]
    public void A_mistake_in_a_shared_value_is_told_once() =>
        AssertProblem(
            "stacks:\n  a: { repository: /a, health: &h { soak: »5 } }\n  b: { repository: /b, health: *h }\n",
            "stacks.a.health.soak: expected a duration such as 90s, 3m or 1h30m, found '5'; add a unit: ms, s, m, h or d");

    [Fact]
    public void Aliases_of_aliases_cannot_make_a_small_file_huge()
    {
        var lines = Enumerable.Range(1, 20).Select(i => $"x-{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");

        var problem = Assert.Single(Parse($"x-0: &a0 [lol]\n{string.Join('\n', lines)}\n").Problems);

        Assert.Equal((6, "not valid YAML: found too many values; are aliases nested?"), (problem.Line, problem.Message));
    }

    [Fact]
    public void Endless_nesting_is_a_problem_not_a_crash()
    {
        var problem = Assert.Single(Parse(new string('[', 100_000)).Problems);

        Assert.Equal((1, 41), (problem.Line, problem.Column));
        Assert.StartsWith("not valid YAML: found more than 40 lists and mappings inside each other", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quotes_and_standard_tags_do_not_matter() =>
        Assert.Equal(3, ParseValid(Shop("retain: \"3\"\nunset_variables: !!str warn\ndirectory: ! deploy")).Stacks[0].Retain);

    [Fact]
    public void A_byte_order_mark_and_windows_line_breaks_do_not_matter() =>
        Assert.Single(ParseValid("\uFEFF" + Shop("branch: main").ReplaceLineEndings("\r\n")).Stacks);
}
