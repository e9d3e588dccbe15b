using Eclusier.Adapters.Files;
using Eclusier.Core.Diagnosis;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The state folder: it can be written, or made, and belongs to the agent alone.</summary>
public sealed class StateFolderCheck(string path) : Check("state-folder", path)
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public override string Remedy => $"look at the folder and its file system: `ls -ld {Subject}`, `findmnt --target {Subject}`";

    public override Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<CheckResult>>([Look()]);

    private CheckResult Look()
    {
        if (File.Exists(Subject))
        {
            return Problem("there is a file where the state folder should be", "move it away, or name another `state_dir`");
        }

        var nearest = Rights.NearestFolder(Subject);
        if (!Rights.MayWrite(nearest))
        {
            return Problem(nearest == Subject ? $"{Environment.UserName} may not write the state folder" : $"{Environment.UserName} may not make the state folder in {nearest}", Remedy + $"; `chown -R {Environment.UserName} {Subject}`, or another `state_dir`");
        }

        if (nearest != Subject)
        {
            return Ok("not there yet: the agent makes it at its first start");
        }

        return (File.GetUnixFileMode(Subject) & ~OwnersOnly & ~UnixFileMode.SetGroup) != 0
            ? Warning("others can look into the state folder", $"`chmod 700 {Subject}`")
            : FileOwner.Of(Subject)?.User is { } owner && owner != FileOwner.CurrentUser
                ? Warning($"the state folder belongs to another user ({owner}) than the one that looks ({FileOwner.CurrentUser})", $"run `eclusier doctor` as the user that the daemon runs as, or `chown -R {Environment.UserName} {Subject}`")
            : Ok("can be written, and only by its owner");
    }
}
