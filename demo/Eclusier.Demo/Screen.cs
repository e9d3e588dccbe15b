namespace Eclusier.Demo;

/// <summary>What is shown: plain lines, with colours on a terminal only.</summary>
internal sealed class Screen
{
    private const string Bold = "1", Dim = "2", Red = "31", Green = "32";

    private readonly Lock oneAtATime = new();
    private readonly bool hasColours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public void Heading(string text)
    {
        WriteLine("");
        WriteLine(InColour(Bold, $"== {text} =="));
    }

    public void Say(string text) => WriteLine($"   {text}");

    /// <summary>A line of the agent's journal.</summary>
    public void Agent(string line) => WriteLine(InColour(Dim, $"   | {line}"));

    public void Verdict(ActResult result)
    {
        if (result.IsAsExpected)
        {
            Say($"{InColour(Green, "as expected:")} {result.Happened}");
        }
        else
        {
            Say($"{InColour(Red, "NOT as expected:")} {result.Happened}");
            Say($"expected:        {result.Expected}");
        }
    }

    /// <summary>What was expected, and what happened, act by act.</summary>
    public void Table(IReadOnlyList<ActResult> results)
    {
        var (title, expected) = (Widest(results, result => result.Title), Widest(results, result => result.Expected));
        Heading("What was expected, and what happened");
        WriteLine($"   {"act".PadRight(title)}  {"expected".PadRight(expected)}  happened");
        foreach (var result in results)
        {
            var happened = result.IsAsExpected ? InColour(Green, "the same") : InColour(Red, result.Happened);
            WriteLine($"   {result.Title.PadRight(title)}  {result.Expected.PadRight(expected)}  {happened}");
        }

        var failed = results.Count(result => !result.IsAsExpected);
        WriteLine("");
        Say(failed == 0 ? $"All {results.Count} acts went as expected." : $"{failed} of {results.Count} acts did not go as expected.");
    }

    private static int Widest(IEnumerable<ActResult> results, Func<ActResult, string> column) => results.Max(result => column(result).Length);

    private string InColour(string code, string text) => hasColours ? $"\e[{code}m{text}\e[0m" : text;

    private void WriteLine(string line)
    {
        lock (oneAtATime)
        {
            Console.WriteLine(line);
        }
    }
}
