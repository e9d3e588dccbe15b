using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Keys;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration;

/// <summary>The configuration's JSON Schema, for editors.</summary>
public static class ConfigurationSchema
{
    /// <summary>JSON, draft 2020-12, ending with a line break.</summary>
    public static string ToText()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Eclusier's configuration",
        };
        foreach (var (name, value) in AgentKeys.Group.ToSchema())
        {
            schema[name] = value?.DeepClone();
        }

        schema["$defs"] = new JsonObject
        {
            ["variable"] = new JsonObject
            {
                ["description"] = "A text with ${NAME} in it, which is taken from the agent's environment.",
                ["type"] = "string",
                ["pattern"] = @"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
            },
        };
        return Write(schema) + "\n";
    }

    internal static JsonObject Of(IGroup group, string? freePrefix)
    {
        var properties = new JsonObject();
        foreach (var key in group.Keys)
        {
            var property = key.Format.ToSchema();
            property["description"] = key.Description.ReplaceLineEndings(" ");
            if (key.Default is { } value) { property["default"] = ToJson(value); }

            properties[key.Name] = property;
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (freePrefix is not null) { schema["patternProperties"] = new JsonObject { [$"^{freePrefix}"] = new JsonObject() }; }

        var required = group.Keys.Where(key => key.IsRequired).ToArray();
        if (required.Length > 0) { schema["required"] = NamesOf(required); }

        AddRules(schema, group.Rules);
        return schema;
    }

    private static void AddRules(JsonObject schema, IReadOnlyList<KeyRule> rules)
    {
        var dependent = new JsonObject();
        var all = new JsonArray();
        var isOnly = rules.OfType<KeyRule.OneOf>().Count() == 1;
        foreach (var rule in rules)
        {
            if (rule is KeyRule.OneOf oneOf)
            {
                var alternatives = oneOf.Keys.Select(key => Required(key));
                var none = new JsonObject { ["not"] = AnyOf(oneOf.Keys) };
                var choice = new JsonArray([.. alternatives, .. oneOf.IsRequired ? (JsonNode[])[] : [none]]);
                if (isOnly) { schema["oneOf"] = choice; } else { all.Add((JsonNode)new JsonObject { ["oneOf"] = choice }); }
            }
            else if (rule is KeyRule.ByWord byWord)
            {
                foreach (var word in byWord.Words) { all.Add((JsonNode)ForWord(byWord, word)); }
            }
            else if (rule is KeyRule.OnlyWith onlyWith)
            {
                dependent[onlyWith.Key.Name] = onlyWith.Others.Count == 1 ? Required(onlyWith.Others[0]) : AnyOf(onlyWith.Others);
            }
        }

        if (dependent.Count > 0) { schema["dependentSchemas"] = dependent; }
        if (all.Count > 0) { schema["allOf"] = all; }
    }

    private static JsonObject ForWord(KeyRule.ByWord rule, KeyRule.ForWord word)
    {
        var others = rule.Words.SelectMany(other => other.All).Distinct().Except(word.All).Select(key => KeyValuePair.Create(key.Name, (JsonNode?)JsonValue.Create(false)));
        var then = new JsonObject { ["properties"] = new JsonObject(others) };
        if (word.Required.Count > 0) { then["allOf"] = new JsonArray([.. word.Required.Select(keys => keys.Count == 1 ? Required(keys[0]) : AnyOf(keys))]); }

        return new JsonObject
        {
            ["if"] = new JsonObject { ["required"] = NamesOf([rule.Chooser]), ["properties"] = new JsonObject { [rule.Chooser.Name] = new JsonObject { ["const"] = word.Word } } },
            ["then"] = then,
        };
    }

    private static JsonObject AnyOf(IEnumerable<Key> keys) => new() { ["anyOf"] = new JsonArray([.. keys.Select(key => Required(key))]) };

    private static JsonObject Required(Key key) => new() { ["required"] = NamesOf([key]) };

    private static JsonArray NamesOf(IEnumerable<Key> keys) => new([.. keys.Select(key => JsonValue.Create(key.Name))]);

    private static JsonNode? ToJson(string yaml) => ToJson(YamlTreeReader.Read(yaml, new Problems(yaml)));

    private static JsonNode? ToJson(YamlValue? value) => value switch
    {
        YamlValue.Text text => int.TryParse(text.Content, out var number) ? JsonValue.Create(number) : JsonValue.Create(text.Content),
        YamlValue.List list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlValue.Mapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry.Value)))),
        _ => null,
    };

    private static string Write(JsonObject schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            schema.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
