using System.Diagnostics;
using System.Text;

namespace Qanat.Testing;

/// <summary>
/// A shell command that runs: leader of its own session and process group, so that all of it can be ended at once.
/// Disposing it kills what is left.
/// </summary>
public sealed class RunningCommand : IDisposable
{
    private readonly string _command;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _pumps;

    /// <summary>Starts <paramref name="command"/> with <c>sh -c</c>.</summary>
    /// <param name="command">A line of shell.</param>
    /// <param name="prefix">Words in front of the shell, such as <c>ip netns exec NAME</c>.</param>
    /// <param name="environment">Variables to set beside the inherited ones.</param>
    public RunningCommand(string command, IEnumerable<string>? prefix = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        _command = command;
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Shells let what they start in the background ignore Ctrl-C, and who started the tests may be one.
        foreach (var word in (prefix ?? []).Concat(["env", "--default-signal=INT,QUIT", "sh", "-c", command]))
            start.ArgumentList.Add(word);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        start.Environment["LC_ALL"] = "C";

        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _pumps = Task.WhenAll(PumpAsync(_process.StandardOutput, _output), PumpAsync(_process.StandardError, _error));
    }

    /// <summary>The process, which is also its group's and session's number.</summary>
    public int Pid => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>Its standard error so far.</summary>
    public string Error => Text(_error);

    /// <summary>Waits until it has ended and both outputs are closed.</summary>
    /// <param name="limit">How long at most; <see cref="Wait.Limit"/> unless told.</param>
    /// <exception cref="TimeoutException">
    /// It did not within the limit, or a child keeps its output open; the group is killed.
    /// </exception>
    public CommandResult WaitForExit(TimeSpan? limit = null)
    {
        var patience = limit ?? Wait.Limit;
        var started = Stopwatch.GetTimestamp();
        if (_process.WaitForExit(patience) && _pumps.Wait(Remaining()))
            return new(_command, Output, Error, _process.ExitCode);
        var how = _process.HasExited ? "left its output open" : "did not end";
        Kill();
        throw new TimeoutException($"This {how} within {patience.TotalSeconds} s:\n$ {_command}\n{Output}{Error}");

        TimeSpan Remaining() => TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerSecond, (patience - Stopwatch.GetElapsedTime(started)).Ticks));
    }

    /// <summary>Interrupts the whole group, as Ctrl-C does.</summary>
    public void Interrupt() => Signal(Native.SIGINT);

    /// <summary>Asks the whole group to end.</summary>
    public void Terminate() => Signal(Native.SIGTERM);

    /// <summary>Ends the whole group at once.</summary>
    public void Kill() => Signal(Native.SIGKILL);

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    // A group that has ended is left alone: its number may be someone else's by now. An open output means that it has not.
    private void Signal(int signal)
    {
        if (!_process.HasExited || !_pumps.IsCompleted)
            _ = Native.kill(-Pid, signal);
    }

    private static async Task PumpAsync(StreamReader from, StringBuilder to)
    {
        var buffer = new char[4096];
        int count;
        while ((count = await from.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            lock (to)
                to.Append(buffer, 0, count);
    }

    private static string Text(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }
}
