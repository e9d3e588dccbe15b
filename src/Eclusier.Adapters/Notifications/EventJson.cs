using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Notifications;

/// <summary>Events as JSON: what webhooks get and what the outbox keeps. Names are promised (docs/notifications.md).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(EventKindConverter)])]
[JsonSerializable(typeof(Event))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>With text as written: an accent is no <c>\u00e9</c>.</summary>
    public static EventJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(Event told) => JsonSerializer.Serialize(told, Readable.Event);

    public static Event Read(string text) => JsonSerializer.Deserialize(text, Readable.Event) ?? throw new JsonException("the event is empty");
}

/// <summary>An event's kind as its word: <c>rolled-back</c>.</summary>
internal sealed class EventKindConverter : JsonConverter<EventKind>
{
    public override EventKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Words.TryParse<EventKind>(reader.GetString() ?? "", out var kind) ? kind : throw new JsonException("not a kind of event");

    public override void Write(Utf8JsonWriter writer, EventKind value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToWord());
}
