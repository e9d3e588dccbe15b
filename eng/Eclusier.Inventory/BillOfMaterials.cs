using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Eclusier.Inventory;

/// <summary>The parts as CycloneDX 1.6 writes them; the same parts give the same text.</summary>
internal static class BillOfMaterials
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Product product, IReadOnlyList<Part> parts)
    {
        var program = $"pkg:generic/eclusier@{product.Version}?arch={product.Runtime}";
        var needed = parts.SelectMany(part => part.Needs).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = product.Date,
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = program,
                    ["name"] = "eclusier",
                    ["version"] = product.Version,
                    ["licenses"] = Licence("MIT"),
                    ["purl"] = program,
                    ["properties"] = new JsonArray(new JsonObject { ["name"] = "eclusier:commit", ["value"] = product.Commit }),
                },
            },
            ["components"] = new JsonArray([.. parts.Select(Component)]),
            ["dependencies"] = new JsonArray(
            [
                Dependency(program, parts.Where(part => !needed.Contains(part.Name))),
                .. parts.Select(part => Dependency(part.Url, parts.Where(other => part.Needs.Contains(other.Name, StringComparer.OrdinalIgnoreCase)))),
            ]),
        }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Component(Part part)
    {
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = part.Url,
            ["name"] = part.Name,
            ["version"] = part.Version,
            ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = part.Sha512 }),
            ["licenses"] = Licence(part.Licence),
            ["copyright"] = part.Copyright,
            ["purl"] = part.Url,
        };
        if (part.Home is not null)
        {
            component["externalReferences"] = new JsonArray(new JsonObject { ["type"] = "website", ["url"] = part.Home });
        }

        if (part.Holds.Count > 0)
        {
            component["components"] = new JsonArray([.. part.Holds.Select(inclusion => Component(part, inclusion))]);
        }

        return component;
    }

    private static JsonObject Component(Part part, Inclusion inclusion)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = $"{part.Url}#{inclusion.Name}", ["name"] = inclusion.Name };
        if (inclusion.Version is not null)
        {
            component["version"] = inclusion.Version;
        }

        component["licenses"] = Licence(inclusion.Licence);
        return component;
    }

    private static JsonArray Licence(string expression) =>
        new(expression.Contains(' ', StringComparison.Ordinal) ? new JsonObject { ["expression"] = expression } : new JsonObject { ["license"] = new JsonObject { ["id"] = expression } });

    private static JsonObject Dependency(string reference, IEnumerable<Part> on) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. on.Select(part => (JsonNode)part.Url)]) };
}
