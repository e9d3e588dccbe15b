namespace Eclusier.Bench;

/// <summary>What happens, as it happens: on standard error, since the table is what is asked for.</summary>
internal sealed class Screen
{
    private readonly System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();

    public void Say(string text) => Console.Error.WriteLine($"[{watch.Elapsed.TotalSeconds,4:0} s] {text}");
}
