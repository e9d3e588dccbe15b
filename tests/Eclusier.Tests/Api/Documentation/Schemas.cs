using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Eclusier.Output;

namespace Eclusier.Tests.Api.Documentation;

/// <summary>The schemas of what goes over the API, from the types themselves and their comments.</summary>
internal sealed partial class Schemas
{
    private readonly Dictionary<string, JsonObject> _schemas = [];
    private readonly Dictionary<string, XElement> _comments = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "eclusier.xml")).Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    public JsonObject All => new(_schemas.OrderBy(schema => schema.Key, StringComparer.Ordinal).Select(schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value.DeepClone())));

    /// <summary>A reference to the type's schema, which is made if need be.</summary>
    public JsonObject Of(JsonTypeInfo type)
    {
        var name = type.Type.Name;
        if (!_schemas.ContainsKey(name))
        {
            _schemas[name] = []; // also for what refers to itself
            _schemas[name] = Make(type);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    public void Require(JsonTypeInfo type, IReadOnlyList<string> properties) => _schemas[type.Type.Name]["required"] = new JsonArray([.. properties.Select(name => JsonValue.Create(name))]);

    private JsonObject Make(JsonTypeInfo type)
    {
        var schema = (JsonObject)type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => context.Path.Length > 0 && IsOurs(context.TypeInfo) ? Of(AgentJson.Readable.GetTypeInfo(context.TypeInfo.Type)!) : WithoutNull(node),
        });
        if (Summary(type.Type) is { } summary)
        {
            schema["description"] = summary;
        }

        var isRequest = type.Type.Name.EndsWith("Request", StringComparison.Ordinal);
        var required = new JsonArray();
        foreach (var property in type.Properties)
        {
            var described = schema["properties"]![property.Name]!.AsObject();
            if (Comment(type.Type, property.Name) is { } comment)
            {
                described["description"] = comment;
            }

            if (!property.IsGetNullable && !isRequest)
            {
                required.Add((JsonNode)property.Name);
            }
        }

        schema.Remove("required");
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static bool IsOurs(JsonTypeInfo type) => type.Kind == JsonTypeInfoKind.Object && type.Type.Namespace!.StartsWith("Eclusier", StringComparison.Ordinal);

    /// <summary>What is absent is left out, and not written as <c>null</c>.</summary>
    private static JsonNode WithoutNull(JsonNode node)
    {
        if (node is JsonObject schema && schema["type"] is JsonArray types)
        {
            var left = types.Select(type => type!.GetValue<string>()).Where(type => type != "null").ToList();
            schema["type"] = left.Count == 1 ? left[0] : new JsonArray([.. left.Select(type => JsonValue.Create(type))]);
        }

        return node;
    }

    private string? Summary(Type type) => _comments.GetValueOrDefault($"T:{type.FullName}")?.Element("summary") is { } summary ? Text(summary) : null;

    private string? Comment(Type type, string property)
    {
        var name = char.ToUpperInvariant(property[0]) + property[1..];
        var comment = _comments.GetValueOrDefault($"P:{type.FullName}.{name}")?.Element("summary")
            ?? _comments.GetValueOrDefault($"T:{type.FullName}")?.Elements("param").FirstOrDefault(param => param.Attribute("name")!.Value == name);
        return comment is null ? null : Text(comment);
    }

    private static string Text(XElement comment) => Spaces().Replace(string.Concat(comment.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => (see.Attribute("cref")?.Value ?? "").Split('.')[^1],
        XElement other => other.Value,
        _ => ((XText)node).Value,
    })), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
