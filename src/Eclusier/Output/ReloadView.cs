using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>What a reload came to.</summary>
internal static class ReloadView
{
    public static Page Of(ReloadReport report) => new Page()
        .Heading($"the daemon has taken the configuration; stacks: {(report.Stacks.Count > 0 ? string.Join(", ", report.Stacks) : "none")}")
        .Sentence(report.Added.Count > 0 ? $"new: {string.Join(", ", report.Added)}" : "")
        .Sentence(report.Removed.Count > 0 ? $"no longer kept, their containers stay as they are: {string.Join(", ", report.Removed)}" : "");
}
