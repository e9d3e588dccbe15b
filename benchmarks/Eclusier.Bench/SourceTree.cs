namespace Eclusier.Bench;

/// <summary>The repository that this program was built in.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("this program lies outside of its repository: there is no page to write, and no baseline to compare with");
    }
}
