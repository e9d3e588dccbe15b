using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Microsoft.AspNetCore.Http.Features;

namespace Eclusier.Api;

/// <summary>What a request says: which stack, how many, the body, why.</summary>
internal static class Requests
{
    /// <summary>Says why, where there is no body that could: for the audit.</summary>
    public const string ReasonHeader = "X-Reason";

    private const int LargestBody = 16 * 1024;
    private const int LongestReason = 1000;

    /// <summary>The agent, as the one who asks may use it.</summary>
    /// <param name="reason">What the body says; else the header counts.</param>
    public static IAgent AgentOf(this HttpContext context, AgentFor agentFor, string? reason = null)
    {
        var why = (string.IsNullOrWhiteSpace(reason) ? context.Request.Headers[ReasonHeader].ToString() : reason).Trim();
        return why.Length <= LongestReason
            ? agentFor(context.Features.GetRequiredFeature<Caller>(), new string([.. why.Where(letter => !char.IsControl(letter))]))
            : throw ApiException.BadRequest($"a reason has at most {LongestReason} characters");
    }

    public static StackName Stack(this HttpContext context, DescribeAgent describe)
    {
        var text = context.Request.RouteValues["name"] as string;
        if (!StackName.TryParse(text, out var name))
        {
            throw ApiException.BadRequest($"'{text}' is not a stack's name");
        }

        var known = describe().Stacks;
        return known.Contains(name.Value)
            ? name
            : throw ApiException.NotFound(ErrorCodes.UnknownStack, $"the daemon keeps no stack {name}; it keeps: {string.Join(", ", known)}");
    }

    public static int Whole(this HttpContext context, string parameter, int otherwise, int most)
    {
        var text = context.Request.Query[parameter].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, out var value) && value >= 0 && value <= most ? value
            : throw ApiException.BadRequest($"'{parameter}' is a whole number from 0 to {most}");
    }

    /// <returns><c>null</c>: there is none.</returns>
    public static async Task<T?> BodyAsync<T>(this HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBody;
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return null;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            throw ApiException.BadRequest($"the body is not the JSON that is expected here: {exception.Message}");
        }
    }

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => Results.Json(value, type, statusCode: status);
}
