namespace Eclusier.Adapters.Tests.Configuration;

/// <summary>The folder that holds the solution.</summary>
internal static class Repository
{
    public static string Path(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Eclusier.slnx")))
        {
            folder = folder.Parent;
        }

        return System.IO.Path.Combine(folder?.FullName ?? throw new InvalidOperationException("Not inside the repository."), relative);
    }
}
