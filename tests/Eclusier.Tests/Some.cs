using Eclusier.Core.Stacks;
using Eclusier.Core.Sources;
using Eclusier.Operations;

namespace Eclusier.Tests;

/// <summary>Reports as they come from real life; tests change what they are about.</summary>
internal static class Some
{
    public const string Commit = "1eabc9a4f00dfeedf00dfeedf00dfeedf00dfeed";

    public static DateTimeOffset Now { get; } = new(2026, 10, 3, 14, 2, 11, TimeSpan.Zero);

    public static ReleaseSummary Summary { get; } = new()
    {
        Number = 41,
        Id = new string('a', 64),
        Commit = Commit,
        Subject = "Fix the cart's total",
        PreparedAt = Now.AddHours(-3),
        CommittedAt = Now.AddHours(-2),
        IsLastKnownGood = true,
    };

    public static ReleaseSummary Quarantined { get; } = new()
    {
        Number = 42,
        Id = new string('b', 64),
        Commit = "2bad0002f00dfeedf00dfeedf00dfeedf00dfeed",
        Subject = "Faster [checkout]",
        PreparedAt = Now.AddMinutes(-20),
        QuarantinedAt = Now.AddMinutes(-18),
        QuarantineReason = "web exited with 1",
    };

    public static DeploymentReport Deployment { get; } = new()
    {
        Id = 7,
        Stack = "shop",
        Cause = "commit",
        CauseDetail = "main@2bad000",
        Commit = Quarantined.Commit!,
        Subject = Quarantined.Subject,
        Release = 42,
        Previous = 41,
        StartedAt = Now.AddMinutes(-20),
        EndedAt = Now.AddMinutes(-20).AddSeconds(100),
        Result = "rolled-back",
        Reason = "web exited with 1",
        Steps =
        [
            new StepReport("stage", Now.AddMinutes(-20), 4.2, true, "3 images"),
            new StepReport("gate", Now.AddMinutes(-19), 61, false, "web exited with 1"),
        ],
        Evidence = [new EvidenceReport("web's last lines", "starting\npanic: no database\n")],
    };

    public static StackStatus Status { get; } = new()
    {
        Stack = "shop",
        State = "rolled-back",
        Message = "release #42 failed and was rolled back to #41: web exited with 1",
        Desired = new RevisionReport("main", Quarantined.Commit!, Quarantined.Subject),
        Running = Summary,
        LastKnownGood = Summary,
        Quarantined = [Quarantined],
        Services = [new ServiceStatus("web", "shop-web-1", "running", "healthy", "ghcr.io/x/web:1", 0, Now.AddHours(-2))],
        RollbackPossible = true,
        Trouble = new TroubleReport("transient", "the registry does not answer", Now.AddMinutes(-5), Now.AddMinutes(10), 3),
        LastCheckAt = Now.AddSeconds(-12),
        NextCheckAt = Now.AddSeconds(168),
    };

    public static StackStatus EmptyStatus { get; } = new() { Stack = "blog", State = "empty", Message = "nothing deployed yet" };

    public static HistoryReport History { get; } = new([Deployment], [Quarantined, Summary]);

    public static ReleaseReport Release { get; } = new()
    {
        Release = Summary,
        Repository = "https://git.example.org/shop.git",
        Revision = new RevisionReport("main", Commit, Summary.Subject),
        Author = "Ann",
        CommittedInGitAt = Now.AddHours(-4),
        Services = [new ReleaseServiceReport("web", "ghcr.io/x/web:1", "ghcr.io/x/web@sha256:0123", "eclusier/shop/web:41", true)],
        ComposeFiles = ["compose.yaml"],
        Tools = ["compose 2.26.1"],
        Deployments = [Deployment with { Release = 41, Result = "committed", Evidence = [] }],
    };

    public static ComparisonReport Comparison { get; } = new()
    {
        Stack = "shop",
        From = Summary,
        To = Quarantined,
        Services =
        [
            new ServiceComparison("web", "changed")
            {
                ImageBefore = new ImageComparison("ghcr.io/x/web:1", "ghcr.io/x/web@sha256:0123"),
                ImageAfter = new ImageComparison("ghcr.io/x/web:2", "ghcr.io/x/web@sha256:4567"),
                Environment = new NamesComparison(["NEW"], ["OLD"], ["PASSWORD"]),
                Contents = new NamesComparison([], [], ["conf/nginx.conf"]),
                Keys = ["ports"],
            },
        ],
        Shared = ["network backend"],
    };

    public static NotifyReport Notified { get; } = new([new NotifierTest("ops", "discord", true, null), new NotifierTest("mail", "mail", false, "smtp.example.org: connection refused")]);

    public static StatsReport Stats { get; } = new()
    {
        Notifiers = [new NotifierStats("ops", 2, 1, Now.AddMinutes(-5), Now.AddHours(-3), "discord.com answered 503 Service Unavailable")],
        DaemonStartedAt = Now.AddDays(-3),
        Stacks =
        [
            new StackStats
            {
                Stack = "shop",
                LastCheckAt = Now.AddSeconds(-12),
                Today = new Dictionary<string, int> { ["rolled-back"] = 1, ["committed"] = 2 },
                SevenDays = new Dictionary<string, int> { ["committed"] = 9 },
                MedianSeconds = 83,
                LastCommittedAt = Now.AddHours(-2),
            },
        ],
    };

    public static PlanReport Plan { get; } = new()
    {
        Stack = "shop",
        Revision = new RevisionReport("main", Quarantined.Commit!, Quarantined.Subject),
        From = 41,
        HasChanges = true,
        Changes =
        [
            new ServiceChangeReport("web", "recreate", ["image", "environment: PORT"]),
            new ServiceChangeReport("db", "keep", []),
        ],
        Obstacles = ["port 80 is taken by nginx"],
    };

    public static TokensReport Tokens { get; } = new(
    [
        new TokenReport("ann", "admin", Now.AddDays(-30), Now.AddHours(-1), null, false),
        new TokenReport("ci", "operate", Now.AddDays(-90), null, Now.AddDays(-1), true),
    ]);

    public static AuditReport Audit { get; } = new(
    [
        new AuditLine(Now.AddMinutes(-1), "ann", "admin", "192.0.2.7", "deploy", "shop", "forced", "the hotfix", null, null),
        new AuditLine(Now.AddHours(-1), "uid 0", "admin", "socket", "token revoke", null, "nobody", "", Now.AddHours(-1), "refused: there is no token 'nobody'"),
    ]);

    public static Stack Stack(string name) => new(StackName.Parse(name), new Source("https://git.example.org/shop.git", new RevisionSelector.Branch("main")));
}
