using System.CommandLine;

namespace Eclusier.Commands;

/// <summary><c>eclusier completion</c>: what a shell needs to complete command lines. The words come from the program itself, with the stacks that are configured.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # eclusier's completion for bash; in ~/.bashrc: source <(eclusier completion bash)
        _eclusier() {
            local suggested
            suggested=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
            mapfile -t COMPREPLY < <(compgen -W "$suggested" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _eclusier eclusier

        """;

    private const string Zsh = """
        #compdef eclusier
        # eclusier's completion for zsh; in ~/.zshrc, after compinit: source <(eclusier completion zsh)
        # or as a file named _eclusier in a folder of $fpath
        _eclusier() {
            local -a suggested
            suggested=(${(f)"$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
            if (( $#suggested )); then
                compadd -- $suggested
            else
                _files
            fi
        }
        if [[ $funcstack[1] == _eclusier ]]; then
            _eclusier "$@"
        else
            compdef _eclusier eclusier
        fi

        """;

    private const string Fish = """
        # eclusier's completion for fish: eclusier completion fish > ~/.config/fish/completions/eclusier.fish
        function __eclusier_suggested
            set -l line (commandline --cut-at-cursor)
            set -l words (commandline --tokenize --cut-at-cursor)
            $words[1] "[suggest:"(string length -- $line)"]" $line 2>/dev/null
        end
        complete --command eclusier --no-files --arguments '(__eclusier_suggested)'
        complete --command eclusier --long-option config --require-parameter --force-files

        """;

    public static Command Create(CommandFactory commands) => new("completion", "Print what a shell needs to complete eclusier's command lines")
    {
        Print(commands, "bash", Bash),
        Print(commands, "zsh", Zsh),
        Print(commands, "fish", Fish),
    };

    private static Command Print(CommandFactory commands, string shell, string script) => commands.Command(shell, $"For {shell}; its first lines say how to load it", [], (session, _, _) =>
    {
        session.Context.Terminal.Output.Write(script);
        return Task.FromResult(ExitCodes.Done);
    });
}
