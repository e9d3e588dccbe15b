using Microsoft.Extensions.Logging;

namespace Eclusier.Output;

/// <summary>A log message taken apart: whose it is, and what it says.</summary>
/// <param name="Stack"><c>null</c> when it is about the agent itself.</param>
internal sealed record LogLine(LogLevel Level, string? Stack, string Message, Exception? Exception)
{
    private const string StackProperty = "Stack";

    public static LogLine Read<TState>(LogLevel level, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var stack = StackOf(state);
        var message = formatter(state, exception);
        return new LogLine(level, stack, WithoutName(message, stack), exception);
    }

    private static string? StackOf<TState>(TState state)
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            for (var index = 0; index < values.Count; index++) // no enumerator: this runs for every message
            {
                if (values[index].Key == StackProperty)
                {
                    return values[index].Value?.ToString();
                }
            }
        }

        return null;
    }

    /// <summary>The name stands first in every line: a message that begins with it says it once.</summary>
    private static string WithoutName(string message, string? stack) =>
        stack is not null && message.StartsWith(stack, StringComparison.Ordinal) && message.AsSpan(stack.Length).StartsWith(": ")
            ? message[(stack.Length + 2)..]
            : message;
}
