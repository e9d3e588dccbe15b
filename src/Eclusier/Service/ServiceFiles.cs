namespace Eclusier.Service;

/// <summary>Where the unit is: the host's, or a user's own.</summary>
internal sealed class ServiceFiles(bool areOfUser)
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public bool AreOfUser => areOfUser;

    public string Unit { get; } = Path.Combine(
        areOfUser ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "systemd/user") : "/etc/systemd/system", ServiceUnit.FileName);

    /// <exception cref="ServiceException">Only root may.</exception>
    public void MustBeWritable()
    {
        if (!areOfUser && !Environment.IsPrivilegedProcess)
        {
            throw new ServiceException("this needs root: run it with sudo, or with --user for a service of your own; --dry-run shows what would be done");
        }

        if (!Systemctl.IsThere)
        {
            throw new ServiceException("systemd does not run this host: have its init, or its container manager, run `eclusier monitor`; --dry-run shows the unit that would be written");
        }
    }

    /// <summary>Where a package puts its own; the one in <see cref="Unit"/> goes before it.</summary>
    public string UnitOfPackage { get; } = Path.Combine(areOfUser ? "/usr/lib/systemd/user" : "/usr/lib/systemd/system", ServiceUnit.FileName);

    /// <summary>The unit that systemd goes by.</summary>
    /// <returns><c>null</c>: there is none.</returns>
    public string? InForce => File.Exists(Unit) ? Unit : File.Exists(UnitOfPackage) ? UnitOfPackage : null;

    /// <summary>A package's unit is in force, and says what this one would.</summary>
    public bool IsDoneByPackage(ServiceUnit unit) =>
        InForce == UnitOfPackage && File.ReadAllText(UnitOfPackage) == (unit with { IsOfPackage = true }).ToText();

    /// <returns><c>null</c>: none was written.</returns>
    public string? ReadUnit() => File.Exists(Unit) ? File.ReadAllText(Unit) : null;

    /// <summary>Who the installed unit runs as.</summary>
    /// <returns><c>null</c>: none is installed.</returns>
    public string? ReadUser() => ReadUnit()?.Split('\n').FirstOrDefault(line => line.StartsWith("User=", StringComparison.Ordinal))?["User=".Length..] ?? (File.Exists(Unit) ? "root" : null);

    public void WriteUnit(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unit)!);
        var fresh = $"{Unit}.new";
        File.WriteAllText(fresh, text);
        File.SetUnixFileMode(fresh, ReadableByAll);
        File.Move(fresh, Unit, overwrite: true);
    }

    /// <summary>What runs is not the program as it is now: it was replaced, or another one is to run.</summary>
    public static bool IsOtherProgram(string? pid, string program) =>
        new FileInfo($"/proc/{pid}/exe").LinkTarget is { } running && running != program;
}
