using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Keeps what was logged, as <c>Warning: shop: …</c>.</summary>
public sealed class RecordingLogger<T>(List<string> lines) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Add($"{logLevel}: {formatter(state, exception)}");
}
