namespace Qanat.Testing;

/// <summary>What a command said and how it ended.</summary>
/// <param name="Command">The command, as it was given.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it.</param>
public sealed record CommandResult(string Command, string Output, string Error, int ExitCode)
{
    /// <summary>True for exit code 0.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The standard output of a command that must succeed.</summary>
    /// <exception cref="InvalidOperationException">It did not; the text has all that it said.</exception>
    public string Required => Succeeded ? Output : throw new InvalidOperationException(ToString());

    /// <summary>The command and all that it said, as a terminal would show it.</summary>
    public override string ToString() => $"$ {Command}\n{Output}{Error}[exit {ExitCode}]";
}
