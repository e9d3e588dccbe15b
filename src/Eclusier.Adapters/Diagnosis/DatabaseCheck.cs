using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Diagnosis;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The database: whole, and not from a newer program.</summary>
public sealed class DatabaseCheck(string path) : Check("database", path)
{
    public override string Remedy => "restart the daemon: it sets a damaged database aside and begins anew with what the release folders tell; or stop it and put a backup in its place";

    public override Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Subject))
        {
            return Task.FromResult<IReadOnlyList<CheckResult>>([Ok("not there yet: the agent makes it at its first start")]);
        }

        DatabaseExam.Run(Subject);
        return Task.FromResult<IReadOnlyList<CheckResult>>([Ok("whole (quick_check)")]);
    }
}
