using System.Runtime.InteropServices;
using Qanat.Crypto;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Packets;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>The life of an interface that is up, from its device to the last of its traces.</summary>
public static class InterfaceHost
{
    /// <summary>
    /// Brings the interface up, and keeps it until SIGTERM, SIGINT or <paramref name="cancellation"/>, or until the device or the
    /// file of its socket is removed. In every ending what was done is undone.
    /// </summary>
    /// <returns>The exit code: 0, or 1 when it could not begin, or not go on; one line on standard error says why.</returns>
    public static async Task<int> RunAsync(InterfaceRun run, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = WireGuardHost.OnSignal(PosixSignal.SIGTERM, stop);
        using var interrupt = WireGuardHost.OnSignal(PosixSignal.SIGINT, stop);
        var log = DaemonLog.ToStandardError();
        try
        {
            return await KeepAsync(run, new(run.Name, run.Level, log), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 1;
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or ArgumentException or CryptoException or PortClosedException)
        {
            log.Write($"{run.Name}: {WireGuardHost.Explain(fault)}");
            return 1;
        }
    }

    private static async Task<int> KeepAsync(InterfaceRun run, WireGuardLog log, CancellationToken stop)
    {
        await using var served = ServedInterface.Open(new() { Name = run.Name, Level = run.Level }, log);
        await served.Interface.ApplyAsync(run.Config.Change).ConfigureAwait(false);
        var companions = new CompanionGroup(run.Companions, log);
        try
        {
            await companions.StartAsync(served.Interface, stop).ConfigureAwait(false);
            run.Ready();
            if (await served.WaitAsync(stop).ConfigureAwait(false) is not { } reason || reason is PortClosedException)
                return 0;
            log.Error(reason.Message);
            return 1;
        }
        finally
        {
            await companions.StopAsync().ConfigureAwait(false);
        }
    }
}
