using Eclusier.Api;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Stacks;
using Eclusier.Output;

namespace Eclusier.Operations;

/// <summary>The daemon's socket: one answers, is the one of this state folder, and of this program's version.</summary>
internal sealed class DaemonCheck(AgentSettings settings, string version, string runSocket, TimeProvider timeProvider) : Check("daemon")
{
    public override string Remedy => "`systemctl restart eclusier`; `journalctl -u eclusier -n 50` may say what it hangs at";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        foreach (var socket in AgentSocket.Candidates(settings, runSocket))
        {
            using var agent = new RemoteAgent(socket, timeProvider);
            AgentIdentity? identity;
            try
            {
                identity = await agent.GreetAsync(cancellationToken);
            }
            catch (DaemonException exception)
            {
                return [Problem(exception.Message, Remedy)];
            }

            if (identity is not null && Path.TrimEndingDirectorySeparator(identity.StateDirectory) == Path.TrimEndingDirectorySeparator(settings.StateDirectory))
            {
                return
                [
                    identity.Version == version
                        ? Ok($"version {version} answers at {socket}")
                        : Warning($"the daemon is version {identity.Version}, this program {version}", "restart it: `systemctl restart eclusier`"),
                    .. Unknown(identity),
                ];
            }
        }

        return [Warning("no daemon is running: nothing is deployed by itself", "`systemctl start eclusier` (`eclusier service install` makes the unit), or `eclusier monitor`")];
    }

    private IEnumerable<CheckResult> Unknown(AgentIdentity identity) => settings.Stacks.Select(stack => stack.Name.Value).ToHashSet().SetEquals(identity.Stacks)
        ? []
        : [Warning($"the daemon keeps other stacks ({string.Join(", ", identity.Stacks)}) than the configuration has now", "have it read the configuration anew: `eclusier reload`")];
}
