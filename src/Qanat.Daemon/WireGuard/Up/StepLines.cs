using System.Globalization;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// How a process of an interface tells another what it does: lines for the user, and a last one that has the exit code.
/// </summary>
public static class StepLines
{
    // End of transmission: no other line begins with it.
    private const char Mark = '\x04';

    /// <summary>The last line.</summary>
    public static string End(int exitCode) => string.Create(CultureInfo.InvariantCulture, $"{Mark} {exitCode}");

    /// <summary>Passes lines on until the last.</summary>
    /// <param name="lines">What the process writes.</param>
    /// <param name="say">Takes each.</param>
    /// <returns>The exit code; null when it ended without one.</returns>
    public static int? Forward(TextReader lines, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(say);
        while (lines.ReadLine() is { } line)
            if (line is [Mark, ' ', .. var code] && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var exitCode))
                return exitCode;
            else
                say(line);
        return null;
    }
}
