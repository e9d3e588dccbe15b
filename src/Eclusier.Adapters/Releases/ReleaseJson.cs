using System.Text.Json;
using System.Text.Json.Serialization;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Releases;

/// <summary>The form of <c>release.json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    Converters = [typeof(StackNameText), typeof(CommitIdText)])]
[JsonSerializable(typeof(Release))]
internal sealed partial class ReleaseJson : JsonSerializerContext;

/// <summary>A stack's name as plain text.</summary>
internal sealed class StackNameText : JsonConverter<StackName>
{
    public override StackName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StackName.TryParse(reader.GetString(), out var name) ? name : throw new JsonException("not a stack's name");

    public override void Write(Utf8JsonWriter writer, StackName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>A commit hash as plain text.</summary>
internal sealed class CommitIdText : JsonConverter<CommitId>
{
    public override CommitId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        CommitId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("not a full commit hash");

    public override void Write(Utf8JsonWriter writer, CommitId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
