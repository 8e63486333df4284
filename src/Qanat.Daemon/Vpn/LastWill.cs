using System.ComponentModel;
using System.Diagnostics;
using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Vpn;

/// <summary>
/// What becomes of that which a hub has left that was killed: a shell waits at the end of a pipe, hears by it that the process is
/// gone, and runs <c>qanat vpn down --left</c>. A hub that ends otherwise tells it that there is nothing to do.
/// </summary>
internal sealed class LastWill : IDisposable
{
    // What ends a hub, Ctrl-C for one, is meant for all of its group; the shell is to outlive it.
    private const string Script = "exec >/dev/null 2>&1; trap '' HUP INT TERM; read -r nothing || exec \"$@\"";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Process _shell;

    private LastWill(Process shell) => _shell = shell;

    /// <summary>Makes it.</summary>
    /// <param name="network">The network's name.</param>
    /// <param name="where">The network namespace.</param>
    /// <exception cref="LinuxException">There is no shell.</exception>
    public static LastWill Make(string network, NetworkNamespace where)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", Environment.ProcessPath!, "vpn", "down", "--left", network])
        {
            RedirectStandardInput = true,
        };
        try
        {
            return new(where.Run(() => Process.Start(start))!);
        }
        catch (Win32Exception fault)
        {
            throw new LinuxException("run /bin/sh", fault.NativeErrorCode);
        }
    }

    /// <summary>Revokes it.</summary>
    public void Dispose()
    {
        try
        {
            _shell.StandardInput.WriteLine();
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // Somebody has ended it.
        }
        _shell.WaitForExit(s_patience);
        _shell.Dispose();
    }
}
