using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Formats;

internal sealed record Follow(bool All, IReadOnlyList<string> Services);

/// <summary>A list of services, or the word <c>all</c>.</summary>
internal sealed class FollowFormat(Format<string> service) : Format<Follow>
{
    private readonly ChoiceFormat<bool> _all = new(("all", true));
    private readonly ListFormat<string> _services = new("services", service) { MayBeEmpty = false };

    public override string Type => "list of services, or `all`";

    public override JsonObject ToSchema() => new() { ["anyOf"] = new JsonArray(_all.ToSchema(), _services.ToSchema()) };

    public override bool TryRead(Field field, [MaybeNullWhen(false)] out Follow value)
    {
        value = null;
        if (field.Value is YamlValue.List { Items.Count: 0 })
        {
            field.Fail("expected services or 'all', found an empty list; leave the key out to follow none");
        }
        else if (field.Value is YamlValue.List)
        {
            value = _services.TryRead(field, out var services) ? new Follow(false, services) : null;
        }
        else if (field.Value is YamlValue.Text { IsNothing: false })
        {
            value = _all.TryRead(field, out _) ? new Follow(true, []) : null;
        }
        else
        {
            field.Fail($"expected a list of services or 'all', found {field.Value.Kind}");
        }

        return value is not null;
    }
}
