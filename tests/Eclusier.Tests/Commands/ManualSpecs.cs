using Eclusier.Commands;

namespace Eclusier.Tests.Commands;

public sealed class ManualSpecs
{
    [Fact]
    public async Task The_page_in_docs_is_what_the_commands_say()
    {
        using var bench = new Bench();
        Assert.Equal(0, await bench.RunAsync("manual"));

        Assert.True(
            await File.ReadAllTextAsync(Page(), TestContext.Current.CancellationToken) == bench.Output, "docs/eclusier.1 is out of date: artifacts/eclusier/eclusier manual > docs/eclusier.1");
    }

    [Fact]
    public async Task It_has_every_command_with_its_options()
    {
        using var bench = new Bench();
        await bench.RunAsync("manual");

        foreach (var command in CommandLine.Build(bench.Context).Subcommands.Where(command => !command.Hidden))
        {
            Assert.Contains($".SS \"eclusier {command.Name}", bench.Output);
        }

        Assert.Contains(@"\fB\-\-run\-as\fR \fIUSER\fR", bench.Output);
        Assert.Contains(@"(default: /etc/eclusier/eclusier.yaml)", bench.Output);
    }

    private static string Page()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
            {
                return Path.Combine(folder.FullName, "docs", "eclusier.1");
            }
        }

        throw new InvalidOperationException("the repository is not above the tests");
    }
}
