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

    /// <returns><c>null</c>: there is none.</returns>
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
