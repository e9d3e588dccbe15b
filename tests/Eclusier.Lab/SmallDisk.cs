namespace Eclusier.Lab;

/// <summary>A file system of its own under a folder (a loop device): it can be full, and it can turn read-only as ext4 does after an error of the disk.</summary>
/// <remarks>Needs root.</remarks>
public sealed class SmallDisk : IAsyncDisposable
{
    private static readonly TimeSpan RepairTimeout = TimeSpan.FromSeconds(20);

    private readonly LabFolder folder = new();
    private readonly string image;
    private readonly string filler;
    private string device = "";

    private SmallDisk(string path)
    {
        Path = path;
        image = System.IO.Path.Combine(folder.Path, "disk");
        filler = System.IO.Path.Combine(path, "filler");
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <param name="path">The folder, which is made.</param>
    public static async Task<SmallDisk> MountAsync(string path, int megabytes = 48)
    {
        var disk = new SmallDisk(path);
        Directory.CreateDirectory(path);
        await Tool.RunAsync("truncate", "--size", $"{megabytes}M", disk.image);
        await Tool.RunAsync("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", disk.image);
        disk.device = await Tool.RunAsync("losetup", "--find", "--show", disk.image);
        await disk.MountAsync();
        return disk;
    }

    /// <summary>Takes every byte that is free.</summary>
    public void Fill()
    {
        // delayed allocation promises space that a sync then has to find: until nothing more is promised and nothing more is free
        using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 1024 * 1024, 64 * 1024, 4096 })
        {
            var block = new byte[size];
            try
            {
                while (true)
                {
                    file.Write(block);
                    file.Flush(flushToDisk: true);
                }
            }
            catch (IOException)
            {
                // no block of that size is free any more
            }
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(filler);

    /// <summary>From now on nothing can be written, also not to open files, until <see cref="RepairAsync"/>.</summary>
    public async Task BreakAsync()
    {
        await Tool.RunAsync("sync", "--file-system", Path); // it has no journal: what was not written yet would come back from the dead
        await File.WriteAllTextAsync($"/sys/fs/ext4/{System.IO.Path.GetFileName(device)}/trigger_fs_error", "1");
        if (IsWritable())
        {
            throw new InvalidOperationException($"{Path} can still be written after an error of its file system");
        }
    }

    /// <summary>Checks it and mounts it anew; nothing may be open on it.</summary>
    public async Task RepairAsync()
    {
        await Tool.RunAsync("umount", Path);

        // A container that is just being made has a copy of every mount for a moment, and so long the file system lives on as it is, read-only:
        // the check refuses a device in use. Its first run says with its exit code that it had something to do; the last one finds nothing
        await Wait.ForAsync("the check of the disk finds nothing more", RepairTimeout, CheckAsync, check => check.ExitCode == 0);
        await MountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.RunAsync("umount", "--lazy", Path);
        await Tool.RunAsync("losetup", "--detach", device); // once the last program on it is gone
        folder.Dispose();
    }

    private Task<CommandOutcome> CheckAsync() => LabProcess.RunAsync("e2fsck", ["-f", "-y", device]);

    private async Task MountAsync()
    {
        await Tool.RunAsync("mount", "--options", "errors=remount-ro", device, Path);
        if (!IsWritable())
        {
            throw new InvalidOperationException($"{Path} cannot be written although it was just mounted: {await Tool.RunAsync("findmnt", "--noheadings", Path)}");
        }
    }

    private bool IsWritable()
    {
        try
        {
            File.WriteAllText(filler, "");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
