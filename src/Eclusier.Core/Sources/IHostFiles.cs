namespace Eclusier.Core.Sources;

/// <summary>Files of the host that are in no repository.</summary>
public interface IHostFiles
{
    /// <returns>Another one when the file appears, goes or is changed; without spaces and line breaks.</returns>
    string StampOf(string path);
}
