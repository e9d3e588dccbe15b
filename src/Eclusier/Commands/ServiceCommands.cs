using System.CommandLine;
using Eclusier.Output;
using Eclusier.Service;

namespace Eclusier.Commands;

/// <summary><c>eclusier service</c>: the systemd unit.</summary>
internal static class ServiceCommands
{
    public static Command Create(CommandFactory commands) => new("service", "The systemd unit that runs the daemon")
    {
        Install(commands),
        Uninstall(commands),
        Status(commands),
        OfPackage(commands),
    };

    private static Command Install(CommandFactory commands)
    {
        var (ofUser, asRoot) = (OfUser(), new Option<bool>("--as-root") { Description = "Run it as root, not as a user of its own" });
        var runAs = new Option<string?>("--run-as") { Description = "Run it as this user: the owner of a checkout, say", HelpName = "USER" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the unit and what would be done; do nothing" };
        return commands.Command("install", "Write, enable and start the unit; once more, to bring it up to date", [ofUser, asRoot, runAs, dryRun], async (session, parsed, cancellationToken) =>
        {
            var identity = Identity(parsed.GetValue(ofUser), parsed.GetValue(asRoot), parsed.GetValue(runAs));
            var installer = new ServiceInstaller(session.Context.Processes, new ServiceFiles(identity is ServiceIdentity.Oneself));
            var request = RequestOf(session, identity) with { IsDryRun = parsed.GetValue(dryRun) };
            var report = await installer.InstallAsync(request, cancellationToken);
            session.Answer(report, AgentJson.Readable.UnitChangeReport, () => ServiceView.Of(report, ifNothing: $"nothing to do: {report.Unit} is as it should be, and the service runs"));
            return ExitCodes.Done;
        });
    }

    private static Command Uninstall(CommandFactory commands)
    {
        var ofUser = OfUser();
        var purge = new Option<bool>("--purge") { Description = "Delete the state folder, too: history, releases, and work trees with all that is in them" };
        return commands.Command("uninstall", "Stop the service and remove its unit; containers keep running, state and configuration stay", [ofUser, purge], async (session, parsed, _) =>
        {
            var folder = parsed.GetValue(purge) ? session.ReadSettings().StateDirectory : null;
            if (folder is not null)
            {
                session.Context.Terminal.Say($"deleting the state folder {folder}, with the work trees in it", Tone.Warning);
            }

            var report = await new ServiceInstaller(session.Context.Processes, new ServiceFiles(parsed.GetValue(ofUser))).UninstallAsync(folder);
            session.Answer(report, AgentJson.Readable.UnitChangeReport, () => ServiceView.Of(report, ifNothing: "nothing to do: the service is not installed"));
            session.Context.Terminal.Say(
                folder is null ? $"containers keep running; the state folder, {session.Configuration} and the service's user stay (--purge deletes the state folder)" : $"containers keep running; {session.Configuration} and the service's user stay", Tone.Quiet);
            return ExitCodes.Done;
        });
    }

    private static Command Status(CommandFactory commands)
    {
        var ofUser = OfUser();
        return commands.Command("status", "Say how the service is; exit 5 when it does not run", [ofUser], async (session, parsed, cancellationToken) =>
        {
            var files = new ServiceFiles(parsed.GetValue(ofUser));
            var report = await new ServiceInspector(session.Context.Processes, files).ReadAsync(await ExpectedAsync(session, files, cancellationToken));
            session.Answer(report, AgentJson.Readable.UnitStatusReport, () => new ServiceView(session.Times).Of(report));
            return report.State is "active" or "reloading" ? ExitCodes.Done : ExitCodes.Unknown;
        });
    }

    /// <summary>For who makes packages, so it is not shown.</summary>
    private static Command OfPackage(CommandFactory commands)
    {
        var program = new Option<string>("--program") { Description = "The program that it starts", HelpName = "FILE", DefaultValueFactory = _ => Environment.ProcessPath! };
        var command = commands.Command("unit", "Print the unit that a package brings", [program], (session, parsed, _) =>
        {
            session.Context.Terminal.Output.Write(ServiceUnit.OfPackage(parsed.GetValue(program)!, session.Context.DefaultConfiguration).ToText());
            return Task.FromResult(ExitCodes.Done);
        });
        command.Hidden = true;
        return command;
    }

    private static async Task<(ServiceUnit? Unit, string? WhyNot)> ExpectedAsync(Session session, ServiceFiles files, CancellationToken cancellationToken)
    {
        try
        {
            var request = RequestOf(session, files.AreOfUser ? new ServiceIdentity.Oneself() : new ServiceIdentity.AsBefore());
            return (await new ServiceInstaller(session.Context.Processes, files).ExpectedAsync(request, cancellationToken), null);
        }
        catch (Exception exception) when (exception is UsageException or ServiceException)
        {
            return (null, $"whether it is as it should be cannot be told: {exception.Message}");
        }
    }

    private static ServiceRequest RequestOf(Session session, ServiceIdentity identity)
    {
        var program = Environment.ProcessPath ?? throw new UsageException("the program's own path cannot be told");
        return new ServiceRequest(session.ReadSettings(), Path.GetFullPath(session.Configuration), program, identity, IsDryRun: false);
    }

    private static ServiceIdentity Identity(bool ofUser, bool asRoot, string? runAs) => (ofUser, asRoot, runAs) switch
    {
        (false, false, null) => new ServiceIdentity.AsBefore(),
        (true, false, null) => new ServiceIdentity.Oneself(),
        (false, true, null) => new ServiceIdentity.Root(),
        (false, false, "root") => new ServiceIdentity.Root(),
        (false, false, { } name) => new ServiceIdentity.Named(name),
        _ => throw new UsageException("--user, --as-root and --run-as exclude each other"),
    };

    private static Option<bool> OfUser() => new("--user") { Description = "The unit of your own service manager (systemctl --user)" };
}
