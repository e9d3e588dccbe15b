using Eclusier.Core.Engine;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Reads what a container wrote: both streams, taken apart, with the time of each line.</summary>
internal static class ContainerLogs
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Calls <paramref name="onLine"/> for each line, until the engine ends the stream.</summary>
    public static async Task ReadAsync(
        EngineOutput output,
        (string Service, string Name) source,
        TimeProvider timeProvider,
        Func<ContainerLogLine, ValueTask> onLine,
        CancellationToken cancellationToken)
    {
        var cutters = new Dictionary<byte, LineCutter>();
        var buffer = new byte[BufferBytes];
        while (await output.ReadAsync(buffer, cancellationToken) is (var stream, var count and > 0))
        {
            if (!cutters.TryGetValue(stream, out var cutter))
            {
                cutters[stream] = cutter = new LineCutter();
            }

            foreach (var line in cutter.Feed(buffer.AsSpan(0, count)))
            {
                await onLine(LineOf(line));
            }
        }

        foreach (var rest in cutters.Values.Select(cutter => cutter.Rest()).OfType<string>())
        {
            await onLine(LineOf(rest));
        }

        ContainerLogLine LineOf(string line)
        {
            var (at, text) = LineCutter.Split(line);
            return new ContainerLogLine(at ?? timeProvider.GetUtcNow(), source.Service, source.Name, text);
        }
    }
}
