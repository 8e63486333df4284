using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Qanat.Daemon;
using Qanat.Linux;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Client;

/// <summary>What starts a daemon for this network namespace.</summary>
internal interface IDaemonLauncher
{
    /// <summary>Returns when a daemon is there to be asked, this one or another.</summary>
    /// <exception cref="ApiException">It cannot be started; the hint says what is missing, or what it said last.</exception>
    void Start();
}

/// <summary>
/// Starts this program again as a daemon, and waits until its socket takes a call or it has ended; then its standard error, which
/// is ours until it leaves the terminal, says why.
/// </summary>
/// <param name="paths">Where it keeps its things.</param>
/// <param name="options">Words after <c>daemon --detach</c>.</param>
internal sealed class DaemonLauncher(DaemonPaths paths, params IReadOnlyList<string> options) : IDaemonLauncher
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // A daemon that cannot begin says why in a line, which ends in the kernel's text for one of these as a rule.
    private static readonly int[] Reasons = [Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENOSPC, Errno.ENOMEM, Errno.ENODEV];

    /// <inheritdoc/>
    public void Start()
    {
        CheckPrivileges();
        using var daemon = Spawn();
        var words = daemon.StandardError.ReadToEndAsync();
        for (var waited = Stopwatch.StartNew(); !IsThere(); Thread.Sleep(Pause))
        {
            if (daemon.HasExited)
            {
                // Two commands may start a daemon at once; the one that comes second ends, and leaves the namespace to the first.
                if (daemon.ExitCode == 0 || IsThere())
                    return;
                var last = LastWords(words.GetAwaiter().GetResult());
                throw new ApiException(ReasonIn(last), last.Length > 0 ? last : "The daemon ended without a word.");
            }
            if (waited.Elapsed < Patience)
                continue;
            daemon.Kill();
            throw new ApiException(Errno.EAGAIN, $"The daemon was not ready within {Patience.TotalSeconds} seconds.");
        }
    }

    private static void CheckPrivileges()
    {
        if (Preflight.Missing() is not { Count: > 0 } missing)
            return;
        var capabilities = Capabilities.Effective;
        var permitted = capabilities.Has(Capability.NetAdmin) && capabilities.Has(Capability.NetRaw);
        throw new ApiException(permitted ? Errno.ENODEV : Errno.EPERM, string.Join(' ', missing));
    }

    private Process Spawn()
    {
        // By its path, for that is what a list of processes shows; by the running image when the file was replaced meanwhile.
        var start = new ProcessStartInfo(File.Exists(Environment.ProcessPath) ? Environment.ProcessPath : "/proc/self/exe")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // the runtime's own doors, files in /tmp that a killed daemon would leave
        foreach (var word in (string[])["daemon", "--detach", .. options])
            start.ArgumentList.Add(word);
        Daemonizer.CloseOnExec();
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new ApiException(Errno.EAGAIN, $"The daemon cannot be started: {fault.Message}.");
        }
    }

    private bool IsThere()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(paths.Socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The last line of a log, without "qanat[123]: ".
    private static string LastWords(string log)
    {
        var line = log.TrimEnd().Split('\n')[^1];
        return line.StartsWith("qanat[", StringComparison.Ordinal) ? line[(line.IndexOf(' ') + 1)..] : line;
    }

    private static int ReasonIn(string line) =>
        Array.Find(Reasons, errno => line.Contains(Errno.Text(errno), StringComparison.Ordinal)) switch
        {
            0 => Errno.EAGAIN,
            Errno.EACCES => Errno.EPERM,
            var errno => errno,
        };
}
