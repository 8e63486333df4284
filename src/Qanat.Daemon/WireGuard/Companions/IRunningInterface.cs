using Qanat.Linux;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Companions;

/// <summary>An interface that is up, as those see it who go along with it. It may be called from any thread.</summary>
public interface IRunningInterface
{
    /// <summary>The device's name.</summary>
    string Name { get; }

    /// <summary>Applies a change, whole or not at all, and wipes its keys.</summary>
    /// <exception cref="LinuxException">
    /// EADDRINUSE and others: the port cannot be had; EINVAL, ENODEV: an endpoint makes no sense here.
    /// </exception>
    /// <exception cref="OperationCanceledException">The interface is gone.</exception>
    Task ApplyAsync(WireGuardChange change);

    /// <summary>How it is. The keys in it are copies, to be disposed of.</summary>
    /// <exception cref="OperationCanceledException">The interface is gone.</exception>
    Task<InterfaceStatus> GetStatusAsync();

    /// <summary>Tells what happens to the peers, on the thread that moves packets: it must not be made to wait.</summary>
    /// <returns>What ends it.</returns>
    IDisposable Observe(IWireGuardObserver observer);

    /// <summary>Writes a line to the interface's log.</summary>
    /// <param name="level"><see cref="LogLevel.Error"/> for what goes wrong, <see cref="LogLevel.Verbose"/> for the rest.</param>
    /// <param name="text">The line.</param>
    void Log(LogLevel level, string text);
}
