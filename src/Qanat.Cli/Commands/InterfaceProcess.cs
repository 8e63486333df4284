using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux;

namespace Qanat.Cli.Commands;

/// <summary>A process in the background that keeps an interface, and the command that waits until that is up.</summary>
internal static class InterfaceProcess
{
    /// <summary>What the process is started with: it keeps the interface, and lets go of the terminal when that is up.</summary>
    public static Option<bool> DetachOption() => new("--detach") { Hidden = true };

    /// <summary>The folder that this process is in; / when that is gone.</summary>
    public static string Here
    {
        get
        {
            try
            {
                return Directory.GetCurrentDirectory();
            }
            catch (IOException)
            {
                return "/";
            }
        }
    }

    /// <summary>
    /// Takes lines for the user. A terminal that was closed takes none, and what is to be done, or undone, is done all the same.
    /// </summary>
    public static Action<string> Teller(Session session) => line =>
    {
        try
        {
            session.Error.Write($"{line}\n");
        }
        catch (IOException)
        {
        }
    };

    /// <summary>
    /// Keeps an interface. Whoever launched us reads lines to the last, and no further; who was killed before that wanted none.
    /// </summary>
    /// <param name="keep">
    /// Keeps it, given what takes lines for the user, what to call when it is up, and what ends it; returns the exit code.
    /// </param>
    public static int Detach(Func<Action<string>, Action, CancellationToken, int> keep)
    {
        using var abandoned = new CancellationTokenSource();
        var (isHeard, turn) = (true, new Lock());
        return keep(Say, Leave, abandoned.Token);

        void Say(string line)
        {
            lock (turn)
            {
                if (!isHeard || TryWrite(line))
                    return;
                isHeard = false;
            }
            abandoned.Cancel();
        }

        void Leave()
        {
            Say(StepLines.End(0));
            lock (turn)
                isHeard = false;
            Daemonizer.Detach("/dev/null", keepError: WireGuardProgram.WantsLog);
        }
    }

    /// <summary>Starts this program again, and passes on what it says until the interface is up, or cannot be.</summary>
    /// <returns>The exit code.</returns>
    public static int Launch(IEnumerable<string> words, Session session)
    {
        var start = new ProcessStartInfo(File.Exists(Environment.ProcessPath) ? Environment.ProcessPath : "/proc/self/exe", words)
        {
            // The runtime keeps a copy of each for life, so they are pipes that end with us.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = !WireGuardProgram.WantsLog,
            WorkingDirectory = "/",
        };
        foreach (var folder in (string[])["QANAT_CONFIG_DIR", "QANAT_RUN_DIR"])
            if (Environment.GetEnvironmentVariable(folder) is { Length: > 0 } relative)
                start.Environment[folder] = Path.GetFullPath(relative); // the child is somewhere else
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // the runtime's own doors, files in /tmp that a killed process would leave
        Daemonizer.CloseOnExec();
        try
        {
            using var child = Process.Start(start)!;
            var lastWords = WireGuardProgram.WantsLog ? null : child.StandardError.ReadToEndAsync();
            if (StepLines.Forward(child.StandardOutput, Teller(session)) is { } exitCode)
                return exitCode;
            child.WaitForExit();
            session.Error.Write(lastWords?.GetAwaiter().GetResult() ?? "");
            return child.ExitCode == 0 ? CommandFailure.Refused : child.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw CommandFailure.Refusal($"qanat: cannot go to the background: {fault.Message}");
        }
    }

    private static bool TryWrite(string line)
    {
        try
        {
            using var output = StandardStream.Output();
            output.Write(Encoding.UTF8.GetBytes($"{line.ReplaceLineEndings(" ")}\n"));
            return true;
        }
        catch (IOException) // Nobody reads any more.
        {
            return false;
        }
    }
}
