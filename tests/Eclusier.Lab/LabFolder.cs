namespace Eclusier.Lab;

/// <summary>A folder that goes away with its owner.</summary>
public sealed class LabFolder : IDisposable
{
    public LabFolder() => Path = Directory.CreateTempSubdirectory("eclusier-lab-").FullName;

    public string Path { get; }

    public string Write(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
