using Eclusier.Commands;

namespace Eclusier.Output;

/// <summary>Which program this is: the first line has the version alone, for scripts.</summary>
internal static class VersionView
{
    public static Page Of(ProgramVersion version) => new Page()
        .Heading(version.Version)
        .Sentence(version.Commit is null ? "" : $"commit {version.Commit}")
        .Sentence(version.Date is { } date ? $"of {date:yyyy-MM-dd HH:mm:ss} UTC" : "");
}
