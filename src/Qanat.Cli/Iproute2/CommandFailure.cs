namespace Qanat.Cli.Iproute2;

/// <summary>A command ends here: its last words for standard error, and the exit code.</summary>
/// <param name="text">What standard error gets, without the last line's end.</param>
/// <param name="exitCode">The process's exit code.</param>
internal sealed class CommandFailure(string text, int exitCode) : Exception(text)
{
    /// <summary>What a grammar error ends with: C's <c>exit(-1)</c>.</summary>
    public const int BadGrammar = 255;

    /// <summary>What a request that the kernel refused ends with, where ip tells that apart.</summary>
    public const int RefusedByKernel = 2;

    /// <summary>What a refused or failed command ends with.</summary>
    public const int Refused = 1;

    /// <summary>The process's exit code.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The command makes no sense.</summary>
    public static CommandFailure Nonsense(string text) => new(text, BadGrammar);

    /// <summary>The command makes sense, but is refused.</summary>
    public static CommandFailure Refusal(string text) => new(text, Refused);

    /// <summary>A keyword is the last word, but wants a value.</summary>
    public static CommandFailure Incomplete() => Nonsense("Command line is not complete. Try option \"help\"");

    /// <summary>A value that its keyword does not take.</summary>
    public static CommandFailure WrongArgument(string argument, string why) =>
        Nonsense($"Error: argument \"{argument}\" is wrong: {why}");

    /// <summary>A word that is no keyword, where a name was given already.</summary>
    public static CommandFailure Garbage(string key, string argument) =>
        Nonsense($"Error: either \"{key}\" is duplicate, or \"{argument}\" is a garbage.");

    /// <summary>A value that is missing, by the name that the grammar has for it.</summary>
    public static CommandFailure Missing(string key) => Nonsense($"Error: argument \"{key}\" is required");

    /// <summary>A keyword that may be there once.</summary>
    public static CommandFailure Duplicate(string key, string argument) =>
        Nonsense($"Error: duplicate \"{key}\": \"{argument}\" is the second value.");

    /// <summary>A device that does not exist.</summary>
    public static CommandFailure NoDevice(string name) => Refusal($"Cannot find device \"{name}\"");
}
