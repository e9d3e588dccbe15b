namespace Eclusier.Core.Sources;

/// <summary>Files of the host, by their absolute paths.</summary>
public interface IHostFiles
{
    /// <returns>Another one when the file appears, goes or is changed; without spaces and line breaks.</returns>
    string StampOf(string path);

    /// <summary>The hash of a file's content.</summary>
    /// <returns><c>null</c>: it does not count by its content, since it is no regular file, is large (then it is data), cannot be read, or is another machine's.</returns>
    string? HashOf(string path);

    /// <summary>Where a file or folder is on the disk: the same when it was written to, another one when it was replaced. A container that mounts it goes on seeing the old one then.</summary>
    /// <returns>Without spaces and line breaks.</returns>
    string PlaceOf(string path);
}
