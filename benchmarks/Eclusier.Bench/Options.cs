namespace Eclusier.Bench;

/// <summary>How much is measured.</summary>
internal sealed record Options
{
    public bool IsQuick { get; private init; }

    /// <summary>Only the words of the measurements that are wanted; empty: all.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    /// <summary>Pairs of deployments per size of the change, after one that does not count.</summary>
    public int Pairs => IsQuick ? 2 : 10;

    /// <summary>Pairs of what takes longer, after one that does not count.</summary>
    public int SlowPairs => IsQuick ? 2 : 5;

    /// <summary>How often each sort of version is pushed that does not work.</summary>
    public int Failures => IsQuick ? 1 : 2;

    /// <summary>How often the agent is killed at each point.</summary>
    public int Kills => IsQuick ? 1 : 3;

    public TimeSpan Idle => TimeSpan.FromSeconds(IsQuick ? 10 : 60);

    public TimeSpan Polling => TimeSpan.FromSeconds(IsQuick ? 10 : 60);

    /// <summary>How often a page is loaded.</summary>
    public int Pages => IsQuick ? 10 : 100;

    public int Starts => IsQuick ? 5 : 25;

    /// <summary>How often a stack is deployed to see whether memory grows.</summary>
    public int Course => IsQuick ? 10 : 60;

    /// <summary>Webhooks that are sent.</summary>
    public int Webhooks => IsQuick ? 20 : 200;

    public bool Wants(string measurement) => Only.Count == 0 || Only.Contains(measurement);

    public static Options? Parse(string[] words)
    {
        string[] known = ["deploy", "poll", "push", "bad", "kill", "start", "image", "heal", "file", "webhook", "dashboard", "memory", "libraries", "scale"];
        var unknown = words.Where(word => word != "--quick" && !known.Contains(word)).ToList();
        if (unknown.Count > 0)
        {
            Console.Error.WriteLine($"bench: '{unknown[0]}' is not known\nusage: ./bench [--quick] [{string.Join("|", known)}]…\n  --quick  few runs: shows that every measurement works, and writes no page");
            return null;
        }

        return new Options { IsQuick = words.Contains("--quick"), Only = [.. words.Where(known.Contains)] };
    }
}
