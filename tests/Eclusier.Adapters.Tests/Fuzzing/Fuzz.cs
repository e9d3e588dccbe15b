using System.Diagnostics;
using System.Text.Json.Nodes;
using CsCheck;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>Feeds damaged samples to what reads them: always the same ones, or with <c>./test --full</c> new ones for a minute. A failing case is printed.</summary>
internal static class Fuzz
{
    private const int FixedCases = 2_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] Tokens =
    [
        "", " ", "\n", "\r\n", "\t", "\0", "\"", "'", "\\", ",", ":", "=", "/", "@", "[", "]", "{", "}", "(", ")", "*", "+", "?", "%00", "..", "\uFEFF", "\uD800", "é", "\u202E", "\u0085",
        "-1", "0", "1e999", "2147483648", "99999999999999999999", "null", "true", "[]", "{}", "sha256:", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+99:99", "${X}",
    ];

    private static readonly Gen<JsonNode?> Nodes = Gen.OneOf<JsonNode?>(
        Gen.Const(0).Select(_ => (JsonNode?)null), Gen.Bool.Select(value => (JsonNode?)value), Gen.Long.Select(value => (JsonNode?)value), Gen.Double[-1e9, 1e9].Select(value => (JsonNode?)value),
        Gen.Int[0, Tokens.Length - 1].Select(index => (JsonNode?)Tokens[index]), Gen.Const(0).Select(_ => (JsonNode?)new JsonArray()), Gen.Const(0).Select(_ => (JsonNode?)new JsonObject()),
        Gen.Const(0).Select(_ => (JsonNode?)new JsonArray("x", null, 1)), Gen.Const(0).Select(_ => (JsonNode?)new JsonObject { [""] = "", ["x"] = null }));

    private static bool IsFull => Environment.GetEnvironmentVariable("ECLUSIER_TEST_FULL") == "1";

    /// <summary>Samples with a few edits: pieces cut out, doubled, replaced by what parsers dislike.</summary>
    public static Gen<string> Text(params string[] samples)
    {
        var edit =
            from at in Gen.Double[0, 1]
            from cut in Gen.Frequency((4, Gen.Int[0, 3]), (2, Gen.Int[0, 40]), (1, Gen.Int[0, 4000]))
            from token in Gen.OneOf(Gen.Int[0, Tokens.Length - 1].Select(index => Tokens[index]), Gen.String[0, 4])
            from times in Gen.Frequency((30, Gen.Const(1)), (1, Gen.Int[2, 3000]))
            select (at, cut, text: string.Concat(Enumerable.Repeat(token, times)));
        return from index in Gen.Int[0, samples.Length - 1]
               from edits in edit.Array[0, 6]
               select edits.Aggregate(samples[index], (current, change) =>
               {
                   var start = (int)(change.at * current.Length);
                   return current.Remove(start, Math.Min(change.cut, current.Length - start)).Insert(start, change.text);
               });
    }

    /// <summary>Samples of JSON with a few values replaced by others of any kind: still JSON, but not of the promised form.</summary>
    public static Gen<string> Json(params string[] samples) =>
        from index in Gen.Int[0, samples.Length - 1]
        from edits in Gen.Select(Gen.Int[0, int.MaxValue], Nodes).Array[1, 3]
        select edits.Aggregate(JsonNode.Parse(samples[index])!, (root, edit) => Replaced(root, edit.Item1, edit.Item2)).ToJsonString();

    /// <summary>The reader ends in time with an answer or a classified failure, whatever it is given.</summary>
    public static void Check(Gen<string> texts, Action<string> read) => CheckAsync(texts, text =>
    {
        read(text);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <inheritdoc cref="Check"/>
    public static Task CheckAsync(Gen<string> texts, Func<string, Task> read) => IsFull
        ? texts.SampleAsync(text => JudgeAsync(text, read), time: 60, threads: 1)
        : texts.Array[FixedCases].SampleAsync(
            async all =>
            {
                foreach (var text in all)
                {
                    await JudgeAsync(text, read);
                }
            },
            seed: "0000KoproGo0", iter: 1, threads: 1, print: _ => "the same cases each time");

    private static async Task JudgeAsync(string text, Func<string, Task> read)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await read(text);
        }
        catch (FailureException)
        {
            // classified: that is an answer
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"given this, it neither answers nor says what is wrong:\n{text}", exception);
        }

        Assert.True(watch.Elapsed < Patience, $"given this, it takes {watch.Elapsed}:\n{text}");
    }

    private static JsonNode Replaced(JsonNode root, int which, JsonNode? by)
    {
        var places = Places(root).ToList();
        if (places.Count > 0)
        {
            places[which % places.Count](by?.DeepClone());
        }

        return root;
    }

    private static IEnumerable<Action<JsonNode?>> Places(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject inner:
                foreach (var (key, value) in inner.ToList())
                {
                    yield return other => inner[key] = other;
                    foreach (var place in Places(value))
                    {
                        yield return place;
                    }
                }

                break;
            case JsonArray array:
                for (var index = 0; index < array.Count; index++)
                {
                    var at = index;
                    yield return other => array[at] = other;
                    foreach (var place in Places(array[index]))
                    {
                        yield return place;
                    }
                }

                break;
        }
    }
}
