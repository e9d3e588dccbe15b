using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Command lines completed by real shells.</summary>
public sealed class CompletionSpecs : IAsyncDisposable
{
    private readonly EclusierHost host = new();

    public CompletionSpecs()
    {
        host.Configure("stacks: { shop: { repository: https://git.test/shop.git }, blog: { repository: https://git.test/blog.git } }");
        Directory.CreateDirectory(Path.Combine(host.Folder, "bin"));
        File.CreateSymbolicLink(Path.Combine(host.Folder, "bin", "eclusier"), host.Program);
        host.Environment["PATH"] = $"{host.Folder}/bin:{host.Environment["PATH"]}";
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("eclusier dep", "deploy")]
    [InlineData("eclusier service inst", "install")]
    [InlineData("eclusier rollback --t", "--to")]
    [InlineData("eclusier status --config {config} sh", "shop")]
    [InlineData("eclusier deploy --config {config} b", "blog")]
    [InlineData("eclusier status --output j", "json")]
    public async Task Bash_and_fish_complete_commands_options_and_stacks(string typed, string completed)
    {
        var line = typed.Replace("{config}", host.ConfigFile);
        var words = line.Split(' ');
        var script = await WriteAsync("bash");
        Assert.Equal(completed, await RunAsync("bash", $"""
            source {script}
            COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({line}) COMP_CWORD={words.Length - 1}
            _eclusier
            printf '%s\n' "${"{"}COMPREPLY[@]{"}"}"
            """));

        Assert.Equal(completed, await RunAsync("fish", $"source {await WriteAsync("fish")}; complete --do-complete '{line}'"));
    }

    [Fact]
    public async Task Zsh_completes_at_its_own_prompt()
    {
        var script = await WriteAsync("zsh");
        var seen = await RunAsync("zsh", $$"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'PROMPT= ; autoload -Uz compinit; compinit -D -u; source {{script}}; bindkey "^I" complete-word; print rea""dy'
            zpty -r -m shell line '*ready*'
            zpty -w -n shell $'eclusier susp\t\x01print \n'
            zpty -r -m shell line '*print*eclusier suspend*'
            print -r -- $line
            zpty -d shell
            """);

        Assert.Contains("eclusier suspend", seen);
    }

    private async Task<string> WriteAsync(string shell)
    {
        var path = Path.Combine(host.Folder, $"completion.{shell}");
        await File.WriteAllTextAsync(path, (await LabProcess.RunAsync(host.Program, ["completion", shell], host.Environment)).Succeeded() + "\n");
        return path;
    }

    private async Task<string> RunAsync(string shell, string script) =>
        (await LabProcess.RunAsync(shell, [shell == "bash" ? "--norc" : shell == "zsh" ? "-f" : "--no-config", "-c", script], host.Environment, within: TimeSpan.FromSeconds(20), cancellationToken: TestContext.Current.CancellationToken)).Succeeded();
}
