using Eclusier.Adapters.Files;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Stacks;

namespace Eclusier.Service;

/// <summary>What is to be installed.</summary>
/// <param name="Configuration">The file; absolute.</param>
/// <param name="Program">The program that the unit starts; absolute.</param>
/// <param name="IsDryRun">Only say what would be done.</param>
internal sealed record ServiceRequest(AgentSettings Settings, string Configuration, string Program, ServiceIdentity Identity, bool IsDryRun);

/// <summary>Brings the unit, and what it needs on the host, to what it should be. Doing it again changes nothing.</summary>
internal sealed class ServiceInstaller(IProcessRunner processes, ServiceFiles files)
{
    private static readonly TimeSpan LongestGift = TimeSpan.FromMinutes(10); // to a big work tree

    private readonly HostAccounts accounts = new(processes);
    private readonly Systemctl systemctl = new(processes, files.AreOfUser);
    private readonly List<string> changes = [];

    /// <exception cref="ServiceException">Something stands in the way.</exception>
    public async Task<UnitChangeReport> InstallAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsDryRun)
        {
            files.MustBeWritable();
        }

        var (account, group) = await WhoAsync(request, cancellationToken);
        var unit = UnitOf(request, account, group);
        if (account is not null && await ServiceHost.FindForeignAsync(request.Settings, account, accounts, cancellationToken) is { } foreign)
        {
            throw new ServiceException(foreign);
        }

        if (account is null && !unit.IsOfUser && ServiceHost.OwnerOfState(request.Settings.StateDirectory) is { IsRoot: false } owner)
        {
            throw new ServiceException($"{request.Settings.StateDirectory} is the state of another user than root ({owner.User}), and a root daemon leaves that alone: "
                + $"give it to root first (`chown --recursive --no-dereference --from={owner.User} root: {request.Settings.StateDirectory}`), or leave --as-root out");
        }

        await MakeStateFolderAsync(request, account);
        if (!request.IsDryRun)
        {
            await TryConfigurationAsync(request, unit, cancellationToken);
        }

        await WriteAsync(request, files.IsDoneByPackage(unit) ? null : unit.ToText());
        return new UnitChangeReport(files.InForce ?? files.Unit, changes, request.IsDryRun ? unit.ToText() : null);
    }

    /// <summary>The unit that an install would write, for who the service runs as now.</summary>
    public async Task<ServiceUnit> ExpectedAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var (account, group) = await WhoAsync(request with { IsDryRun = true }, cancellationToken);
        return UnitOf(request, account, group);
    }

    /// <summary>Stops the service and takes its unit away.</summary>
    /// <param name="purge">A folder that is deleted, too; <c>null</c>: none.</param>
    public async Task<UnitChangeReport> UninstallAsync(string? purge)
    {
        files.MustBeWritable();
        if (files.InForce is { } unit)
        {
            await systemctl.RunAsync("disable", "--now", ServiceUnit.FileName);
            File.Delete(files.Unit); // a package's stays
            await systemctl.RunAsync("daemon-reload");
            _ = await systemctl.TryAsync("reset-failed", ServiceUnit.FileName); // there is nothing to reset, as a rule
            changes.Add($"stopped and disabled {ServiceUnit.FileName}{(unit == files.Unit ? $", and removed {unit}" : "; its unit is the package's")}");
        }

        if (purge is not null && Directory.Exists(purge))
        {
            Directory.Delete(purge, recursive: true);
            changes.Add($"deleted {purge}");
        }

        return new UnitChangeReport(files.Unit, changes, null);
    }

    private static ServiceUnit UnitOf(ServiceRequest request, HostAccount? account, string? group) => ServiceHost.UnitFor(
        request.Settings, request.Configuration, File.ReadAllText(request.Configuration), request.Program, account, group, request.Identity is ServiceIdentity.Oneself);

    private async Task<(HostAccount? Account, string? Group)> WhoAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var before = request.Identity is ServiceIdentity.AsBefore ? files.ReadUser() : null;
        if (request.Identity is ServiceIdentity.Oneself or ServiceIdentity.Root || before is "root")
        {
            return (null, null);
        }

        var group = ServiceHost.GroupOfEngine() is { } id ? await accounts.FindGroupAsync(id, cancellationToken) ?? throw new ServiceException($"the group {id} of the engine's socket has no name: `groupadd --gid {id} docker`") : null;
        if (request.Identity is ServiceIdentity.Named || (before is not null and not ServiceHost.OwnUser))
        {
            var name = (request.Identity as ServiceIdentity.Named)?.Name ?? before!;
            return (await accounts.FindAsync(name, cancellationToken) ?? throw new ServiceException($"there is no user {name} on this host"), group);
        }

        return (await OwnUserAsync(request, group, cancellationToken), group);
    }

    private async Task<HostAccount> OwnUserAsync(ServiceRequest request, string? group, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(ServiceHost.OwnUser, cancellationToken) is { } known)
        {
            return known;
        }

        changes.Add($"created the system user {ServiceHost.OwnUser}{(group is null ? "" : $", in the group {group}")}");
        return request.IsDryRun
            ? new HostAccount(ServiceHost.OwnUser, uint.MaxValue, request.Settings.StateDirectory)
            : await accounts.CreateAsync(ServiceHost.OwnUser, request.Settings.StateDirectory, group, cancellationToken);
    }

    private async Task MakeStateFolderAsync(ServiceRequest request, HostAccount? account)
    {
        var folder = request.Settings.StateDirectory;
        var before = FileOwner.Of(folder);
        var isEmpty = ServiceHost.OwnerOfState(folder) is null;
        if (before is { } owner && (owner.User == (account?.User ?? 0) || !(owner.IsRoot || isEmpty)))
        {
            return;
        }

        var name = account?.Name ?? "root";
        changes.Add(before is null ? $"created {folder}{(account is null ? "" : $" for {name}")}"
            : $"gave {name} {(isEmpty ? $"{folder}, which is empty" : $"what root has made in {folder}")}");
        if (request.IsDryRun)
        {
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (account is not null || before is not null)
        {
            // what commands of root's made before there was a service; not what containers own in work trees
            var result = await processes.RunAsync(new("chown", "--recursive", "--no-dereference", $"--from={before?.User ?? 0}", $"{name}:", folder) { TimeLimit = LongestGift }, CancellationToken.None);
            if (!result.Succeeded)
            {
                throw new HostProgramException($"{folder} could not be given to {name}: {result.LastErrorLine}");
            }
        }
    }

    /// <summary>What root can read, the service may not: it is tried where it will run.</summary>
    private async Task TryConfigurationAsync(ServiceRequest request, ServiceUnit unit, CancellationToken cancellationToken)
    {
        var check = await systemctl.RunAsUnitAsync(unit.Sandbox, [request.Program, "config", "check", "--config", request.Configuration], cancellationToken);
        if (!check.Succeeded)
        {
            var who = unit.Account?.Name ?? (unit.IsOfUser ? "you" : "root");
            throw new ServiceException(
                $"the service, as {who}, could not use the configuration:\n{check.StandardError.Trim()}\nIt must be able to read {request.Configuration} and the files that it names"
                + $"{(unit.Account is null ? "" : $": `chgrp {unit.Account.Name} FILE && chmod g+r FILE`, and `chmod g+x` for their folder")}; variables for ${{NAME}} belong into {ServiceUnit.EnvironmentFile}");
        }
    }

    /// <param name="text"><c>null</c>: a package has brought what is needed.</param>
    private async Task WriteAsync(ServiceRequest request, string? text)
    {
        var before = files.ReadUnit();
        var isChanged = text is not null && before != text;
        if (isChanged)
        {
            changes.Add($"{(before is null ? "wrote" : "updated")} {files.Unit}");
        }

        if (request.IsDryRun)
        {
            changes.Add($"enabled and started {ServiceUnit.FileName}");
            return;
        }

        if (isChanged)
        {
            files.WriteUnit(text!);
            await systemctl.RunAsync("daemon-reload");
        }

        if ((await systemctl.TryAsync("is-enabled", "--quiet", ServiceUnit.FileName)) is { Succeeded: false })
        {
            await systemctl.RunAsync("enable", "--quiet", ServiceUnit.FileName);
            changes.Add($"enabled {ServiceUnit.FileName}: it starts with {(files.AreOfUser ? "your session (`loginctl enable-linger` makes that the host's start)" : "the host")}");
        }

        var now = await systemctl.ShowAsync(ServiceUnit.FileName, "ActiveState", "MainPID");
        var isActive = now.GetValueOrDefault("ActiveState") == "active";
        if (!isActive || isChanged || ServiceFiles.IsOtherProgram(now.GetValueOrDefault("MainPID"), request.Program))
        {
            await StartAsync(isActive);
        }
    }

    private async Task StartAsync(bool again)
    {
        var started = await systemctl.TryAsync("restart", ServiceUnit.FileName);
        if (!started.Succeeded)
        {
            throw new HostProgramException($"{ServiceUnit.FileName} does not start: {started.LastErrorLine}\nThe journal says last:\n{await systemctl.LastLinesAsync(ServiceUnit.FileName, 15)}");
        }

        changes.Add($"{(again ? "restarted" : "started")} {ServiceUnit.FileName}: it is ready");
    }
}
