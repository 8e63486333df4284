using Qanat.Cli.Iproute2;
using Qanat.Cli.Tests.Support;

namespace Qanat.Cli.Tests;

public class BatchTests
{
    [Theory]
    [InlineData("tunnel show", "tunnel|show")]
    [InlineData("\n  # nothing but a comment\n\t\ntunnel\tshow  # all", "tunnel|show")]
    [InlineData("tunnel add 'a b' \"c\" mode ipip", "tunnel|add|a b|c|mode|ipip")]
    [InlineData("tunnel add t \\\n  mode \\\n ipip\ntunnel show", "tunnel|add|t|mode|ipip;tunnel|show")]
    [InlineData("tunnel add \"\" mode", "tunnel|add||mode")]
    [InlineData("", "")]
    public void Lines_are_commands(string text, string expected)
    {
        var commands = new List<string>();
        Assert.Equal(0, Run(text, force: false, commands).ExitCode);
        Assert.Equal(expected, string.Join(';', commands));
    }

    [Theory]
    [InlineData(false, "bad;", "no\nCommand failed file:1\n")]
    [InlineData(true, "bad;good;worse", "no\nCommand failed file:1\nno\nCommand failed file:4\n")]
    public void A_failed_command_ends_the_batch_unless_it_is_forced(bool force, string expected, string text)
    {
        var commands = new List<string>();
        var (exitCode, error) = Run("bad\n\ngood\nworse", force, commands);
        Assert.Equal((1, text, expected.TrimEnd(';')), (exitCode, error, string.Join(';', commands)));
    }

    [Theory]
    [InlineData("tunnel 'add", "Unterminated quoted string", 1)]
    [InlineData("tunnel \\", "Missing continuation line", 1)]
    [InlineData("senseless", "what?", 255)]
    public void What_makes_no_sense_ends_the_batch_in_any_case(string text, string message, int exitCode)
    {
        var failure = Assert.Throws<CommandFailure>(() => Run(text, force: true, []));
        Assert.Equal((message, exitCode), (failure.Message, failure.ExitCode));
    }

    [Fact]
    public void A_file_of_commands_is_run_in_one_process()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "tunnel show\ntunnel del x\ntunnel help\n");
        var outcome = CommandRunner.Run(new UnprivilegedClient(), "-batch", file);
        Assert.Equal((1, $"delete tunnel \"x\" failed: No such device\nCommand failed {file}:2\n"), (outcome.ExitCode, outcome.Error));
        Assert.Equal(255, CommandRunner.Run(new UnprivilegedClient(), "-force", "-b", file).ExitCode);
        File.Delete(file);
        Assert.StartsWith($"Cannot open file \"{file}\" for reading: ", CommandRunner.Run(new UnprivilegedClient(), "-b", file).Error);
    }

    private static (int ExitCode, string Error) Run(string text, bool force, List<string> commands)
    {
        var error = new StringWriter();
        var exitCode = new Batch("file", force).Run(new StringReader(text), Command, error);
        return (exitCode, error.ToString());

        int Command(string[] words)
        {
            commands.Add(string.Join('|', words));
            if (words[0] == "bad")
                throw new CommandFailure("no", CommandFailure.Refused);
            if (words[0] == "worse")
                throw new CommandFailure("no", CommandFailure.RefusedByKernel);
            if (words[0] == "senseless")
                throw new CommandFailure("what?", CommandFailure.BadGrammar);
            return 0;
        }
    }
}
