using System.Text;

namespace Qanat.Daemon;

/// <summary>What the daemon has to say, one line a fact: <c>qanat[123]: recovered 2 tunnels</c>.</summary>
/// <param name="open">Opens what a line is written to; called for each, for standard error may be redirected.</param>
public sealed class DaemonLog(Func<Stream> open)
{
    private readonly Lock _lock = new();

    /// <summary>A log to standard error.</summary>
    public static DaemonLog ToStandardError() => new(Console.OpenStandardError);

    /// <summary>Writes a line. One that cannot be written is lost: a full disk must not stop the tunnels.</summary>
    public void Write(string text)
    {
        var line = Encoding.UTF8.GetBytes($"qanat[{Environment.ProcessId}]: {text.ReplaceLineEndings(" ")}\n");
        lock (_lock)
        {
            try
            {
                using var stream = open();
                stream.Write(line);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
            }
        }
    }
}
