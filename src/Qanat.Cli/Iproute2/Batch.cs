using System.Text;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// <c>-batch FILE</c>: a command a line, without the program's name and options. # begins a comment, a backslash continues the
/// line.
/// </summary>
/// <param name="name">The file's name, for error texts; <c>-</c> is standard input.</param>
/// <param name="force">Whether the commands after one that failed are run.</param>
internal sealed class Batch(string name, bool force)
{
    /// <summary>Opens the file and runs its commands.</summary>
    /// <param name="run">Runs one command, given by its words; its exit code.</param>
    /// <param name="error">Where failures are told.</param>
    /// <returns>The exit code: 0, or 1 when a command failed.</returns>
    /// <exception cref="CommandFailure">
    /// The file cannot be read, or a command makes no sense: that ends the batch whatever <c>-force</c> says.
    /// </exception>
    public int Run(Func<string[], int> run, TextWriter error)
    {
        using var lines = Open();
        return Run(lines, run, error);
    }

    internal int Run(TextReader lines, Func<string[], int> run, TextWriter error)
    {
        var exitCode = 0;
        for (var number = 0; ReadCommand(lines, ref number) is { } line;)
        {
            if (Split(line) is not { Length: > 0 } words)
                continue;
            if (Succeeds(run, words, error))
                continue;
            error.Write($"Command failed {name}:{number}\n");
            exitCode = CommandFailure.Refused;
            if (!force)
                break;
        }
        return exitCode;
    }

    private static bool Succeeds(Func<string[], int> run, string[] words, TextWriter error)
    {
        try
        {
            return run(words) == 0;
        }
        catch (CommandFailure failure) when (failure.ExitCode != CommandFailure.BadGrammar)
        {
            error.Write(failure.Message + "\n");
            return false;
        }
    }

    private StreamReader Open()
    {
        try
        {
            return name == "-" ? new StreamReader(Console.OpenStandardInput()) : new StreamReader(name);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" })
        {
            throw CommandFailure.Refusal($"Cannot open file \"{name}\" for reading: {Errno.Text(Errno.Of(fault))}");
        }
    }

    // A line and those that continue it, without comments; null at the end.
    private static string? ReadCommand(TextReader lines, ref int number)
    {
        var command = new StringBuilder();
        while (lines.ReadLine() is { } line)
        {
            number++;
            command.Append(line.Split('#')[0]);
            if (!line.EndsWith('\\') || command.Length == 0 || command[^1] != '\\')
                return command.ToString();
            command.Length--;
        }
        return command.Length > 0 ? throw CommandFailure.Refusal("Missing continuation line") : null;
    }

    // Words end at a space; those that begin with a quote, at the next one.
    private static string[] Split(string line)
    {
        var words = new List<string>();
        for (var rest = line.AsSpan().TrimStart(" \t"); !rest.IsEmpty; rest = rest.TrimStart(" \t"))
        {
            var quoted = rest[0] is '\'' or '"';
            var end = quoted ? rest[1..].IndexOf(rest[0]) : rest.IndexOfAny(' ', '\t');
            if (quoted && end < 0)
                throw CommandFailure.Refusal("Unterminated quoted string");
            if (quoted)
                words.Add(rest[1..][..end].ToString());
            else
                words.Add((end < 0 ? rest : rest[..end]).ToString());
            rest = end < 0 ? [] : rest[(quoted ? end + 2 : end)..];
        }
        return [.. words];
    }
}
