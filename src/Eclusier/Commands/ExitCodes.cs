namespace Eclusier.Commands;

/// <summary>What the program's exit code tells a script.</summary>
public static class ExitCodes
{
    public const int Done = 0;
    public const int Usage = 1; // or the configuration
    public const int Differences = 2;
    public const int RolledBack = 3;
    public const int Blocked = 4;
    public const int Unknown = 5; // or only for now
    public const int RollbackFailed = 6;

    // what a person must know first, and not the number, decides
    private static readonly int[] WorstFirst = [RollbackFailed, RolledBack, Usage, Blocked, Unknown, Differences, Done];

    public static int Of(string outcome) => outcome switch
    {
        "done" or "committed" or "up-to-date" => Done,
        "rejected" => Usage,
        "rolled-back" or "failed" => RolledBack,
        "blocked" => Blocked,
        "rollback-failed" => RollbackFailed,
        _ => Unknown, // waiting, expired, unavailable, and what a newer daemon may say
    };

    public static int Worst(IEnumerable<int> codes) => codes.DefaultIfEmpty(Done).MinBy(code => Array.IndexOf(WorstFirst, code));
}
