using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Eclusier.Tests.Api.Documentation;

/// <summary>What the API's description says of a route, and how a test tries it.</summary>
/// <param name="Path">As the route has it: <c>/api/v1/stacks/{name}</c>.</param>
internal sealed record Operation(string Method, string Path, string Summary)
{
    public string Description { get; init; } = "";

    public IReadOnlyList<Parameter> Query { get; init; } = [];

    /// <summary>The request's body; <c>null</c>: it takes none.</summary>
    public JsonTypeInfo? Body { get; init; }

    public IReadOnlyList<string> RequiredInBody { get; init; } = [];

    /// <summary>A body that is accepted.</summary>
    public string Example { get; init; } = "";

    public int Status { get; init; } = 200;

    /// <summary>What is answered, or each line of it.</summary>
    public JsonTypeInfo? Answer { get; init; }

    public string AnswerMedia { get; init; } = "application/json";

    /// <summary>With everything that is in braces filled in, and what has to be asked for.</summary>
    public string SamplePath => FilledPath + string.Concat(Query.Where(parameter => parameter.Sample is not null).Select((parameter, index) => $"{(index == 0 ? '?' : '&')}{parameter.Name}={parameter.Sample}"));

    public string FilledPath => Path.Replace("{name}", "shop").Replace("{number}", "41").Replace("{token}", "ci");

    public bool IsOfStack => Path.Contains("{name}", StringComparison.Ordinal);
}

/// <param name="Wrong">A value that is refused; <c>null</c>: every one is taken.</param>
/// <param name="Sample">For one that must be given: a value that is taken.</param>
internal sealed record Parameter(string Name, JsonObject Schema, string Description, string? Wrong, string? Sample = null);
