using System.Globalization;
using Eclusier.Adapters.Files;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Engine;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>Room on the disks of the state folder and of the engine's images.</summary>
public sealed class DiskCheck(string stateDirectory, IEngine engine) : Check("disk")
{
    /// <summary>A database that cannot be written stops everything.</summary>
    private const long Least = 256L << 20;

    private const long Comfortable = 2L << 30;

    public override string Remedy => "`df -h` and `docker system df` tell what takes the space";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var state = Judge(new DriveInfo(Rights.NearestFolder(stateDirectory)).AvailableFreeSpace, "the state folder", "`df -h` tells what takes the space; `retain` says how many releases are kept");
        return await ReadEngineAsync(cancellationToken) is { } free
            ? [state, Judge(free, "the engine's images", "`docker system df` tells what takes the space; `docker image prune` frees what no release keeps (never `prune -a`)")]
            : [state];
    }

    /// <returns><c>null</c> also when the engine does not answer, which is another check's finding.</returns>
    private async Task<long?> ReadEngineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await engine.ReadFreeSpaceAsync(cancellationToken);
        }
        catch (Core.Deployments.FailureException)
        {
            return null;
        }
    }

    private CheckResult Judge(long free, string what, string remedy)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / 1e9:0.0} GB are free for {what}");
        return free < Least ? Problem(text, remedy) : free < Comfortable ? Warning(text, remedy) : Ok(text);
    }
}
