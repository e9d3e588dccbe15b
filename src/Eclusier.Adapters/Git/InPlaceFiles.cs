using System.Runtime.InteropServices;
using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Git;

/// <summary>Files that stay where they are on the disk although git writes a changed file anew: a container that mounts one goes on seeing the old one otherwise.</summary>
/// <remarks>
/// A second name holds each file while git puts another in its place; then the new content goes into the old file, and the old file back to its
/// name. Should the agent die in between, the file is another one afterwards: whoever mounts it has to be recreated.
/// </remarks>
internal sealed partial class InPlaceFiles
{
    private readonly string folder;
    private readonly Dictionary<string, string> held = []; // by path: the second name

    private InPlaceFiles(string folder) => this.folder = folder;

    /// <param name="paths">Relative to the root; what is no regular file is left to git.</param>
    public static InPlaceFiles Hold(string root, string gitFolder, IEnumerable<string> paths)
    {
        var files = new InPlaceFiles(Path.Combine(gitFolder, "eclusier-in-place"));
        if (Directory.Exists(files.folder))
        {
            Directory.Delete(files.folder, recursive: true); // of a move that was interrupted: nobody knows any more who sees which file
        }

        foreach (var path in paths.Select(path => Path.Combine(root, path)).Where(IsFile).Distinct())
        {
            Directory.CreateDirectory(files.folder);
            var name = Path.Combine(files.folder, $"{files.held.Count}");
            if (Link(path, name) == 0) // else another file system, or one without second names
            {
                files.held.Add(path, name);
            }
        }

        return files;
    }

    /// <summary>Once git is done. After a failure it goes on where it was; done, it does nothing.</summary>
    /// <exception cref="FailureException">Transient: the disk is full, or fails.</exception>
    public void PutBack()
    {
        foreach (var (path, name) in held)
        {
            try
            {
                PutBack(path, name);
            }
            catch (IOException exception)
            {
                throw FailureException.Transient($"{path} cannot be written: {exception.Message}", exception);
            }

            held.Remove(path);
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void PutBack(string path, string name)
    {
        if (IsFile(path) && FileStatus.Of(path, follow: false)?.Place != FileStatus.Of(name, follow: false)?.Place)
        {
            try
            {
                WriteInto(name, path);
                File.Move(name, path, overwrite: true);
                return;
            }
            catch (UnauthorizedAccessException)
            {
                // somebody else's file, which git could put aside but nobody can write: then it is another one, and who mounts it is recreated
            }
        }

        File.Delete(name);
    }

    private static void WriteInto(string file, string source)
    {
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserWrite);
        using (var content = File.OpenRead(source))
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            content.CopyTo(stream);
            stream.SetLength(stream.Position);
            stream.Flush(flushToDisk: true);
        }

        File.SetUnixFileMode(file, File.GetUnixFileMode(source));
    }

    private static bool IsFile(string path) => FileStatus.Of(path, follow: false) is { IsRegular: true };

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);
}
