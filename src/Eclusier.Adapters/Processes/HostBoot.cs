namespace Eclusier.Adapters.Processes;

/// <summary>Tells one start of the host from the next.</summary>
public static class HostBoot
{
    /// <summary>The kernel's random id, which it makes anew each time it starts.</summary>
    public static string ReadId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
