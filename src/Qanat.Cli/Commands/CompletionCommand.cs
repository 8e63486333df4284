using System.CommandLine;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat completion SHELL</c>: a script that has the shell ask this program what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _qanat() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(qanat "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _qanat qanat

        """;

    private const string Zsh = """
        #compdef qanat
        _qanat() {
            local -a words_to_come
            words_to_come=("${(@f)$(qanat "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -a words_to_come
        }
        if [ "$funcstack[1]" = _qanat ]; then _qanat "$@"; else compdef _qanat qanat; fi

        """;

    private const string Fish = """
        function __qanat_next
            set -l line (commandline -cp)
            qanat "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -f -c qanat -a '(__qanat_next)'

        """;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that completes qanat's commands.") { shell };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(parsed.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return 0;
        });
        return command;
    }
}
