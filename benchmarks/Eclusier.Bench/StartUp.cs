using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>How long a command takes from its start to its end.</summary>
internal static class StartUp
{
    public static async Task<Sample> OfAsync(int times, string program, string[] words, IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        for (var run = 0; run <= times; run++) // the first one warms the page cache, and does not count
        {
            var started = Stopwatch.GetTimestamp();
            (await LabProcess.RunAsync(program, words, environment, cancellationToken: cancellationToken)).Succeeded();
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return new Sample(milliseconds.Skip(1));
    }
}
