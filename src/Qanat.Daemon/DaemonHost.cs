using System.Reflection;
using System.Runtime.InteropServices;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Lifecycle;
using Qanat.Daemon.State;
using Qanat.Linux.Privileges;

namespace Qanat.Daemon;

/// <summary>A daemon's life: one for each network namespace, from the lock to the last line of its log.</summary>
public static class DaemonHost
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>The version of the daemon, as <c>qanat --version</c> says it.</summary>
    public static string Version { get; } =
        typeof(DaemonHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>
    /// Keeps the tunnels of this network namespace until SIGTERM, SIGINT, <paramref name="cancellation"/>, or until there is nothing left
    /// to keep. Persistent devices stay, unless the options or the end of the namespace have them removed.
    /// </summary>
    /// <returns>The exit code: 0, or 1 when it could not begin (one line says why) or was replaced by another daemon.</returns>
    public static Task<int> RunAsync(DaemonOptions options, CancellationToken cancellation) =>
        RunAsync(options, new DaemonSurroundings(), cancellation);

    internal static async Task<int> RunAsync(DaemonOptions options, DaemonSurroundings world, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, stop);
        var log = world.Log;
        try
        {
            if (world.Missing() is { Count: > 0 } missing)
            {
                log.Write(string.Join(' ', missing));
                return 1;
            }
            using var files = await DaemonFiles.TakeAsync(options.Paths, LockPatience, stop.Token).ConfigureAwait(false);
            if (files is null)
            {
                var holder = DaemonFiles.Listener(options.Paths)?.ToString() ?? "unknown";
                log.Write($"another daemon (process {holder}) keeps this network namespace");
                return 1;
            }
            return await KeepAsync(options, world, files, stop.Token).ConfigureAwait(false) == EndReason.Replaced ? 1 : 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            log.Write(fault.Message);
            return 1;
        }
    }

    private static async Task<EndReason> KeepAsync(
        DaemonOptions options, DaemonSurroundings world, DaemonFiles files, CancellationToken stop)
    {
        var (log, notifier) = (world.Log, world.Notifier);
        DescriptorLimit.Raise(); // a tunnel takes one
        using var network = world.OpenNetwork();
        using var devices = world.OpenDevices();
        var store = new StateStore(options.Paths.State, world.Boot, network.Cookie, world.Files, log);
        await using var plane = options.DataPlane(log);
        using var tunnels = new TunnelManager(plane, devices, store, log, world.WithFallbacks);
        var started = world.Time.GetUtcNow();
        using var settings = DaemonSettings.Open(options.Paths, world, network.Cookie, plane, tunnels, devices);
        if (await tunnels.RecoverAsync().ConfigureAwait(false) is var count and > 0)
            log.Write($"recovered {count} tunnel{(count == 1 ? "" : "s")}");
        await settings.RecoverAsync().ConfigureAwait(false);

        var gate = new RequestGate(world.Time);
        var metrics = new MetricsText(tunnels, Version, new(new(), options.Paths.Inode));
        var routes = new ApiRoutes(tunnels, Status, metrics, settings.Routes);
        var server = new ApiServer(options.Paths.Socket, routes, gate, log);
        EndReason reason;
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(stop).ConfigureAwait(false);
            if (options.Background)
            {
                files.TrimLog();
                world.Detach(options.Paths.Log);
            }
            notifier.Send("READY=1");
            var idleExit = options.IdleExit ?? (options.Background ? DaemonOptions.DefaultIdleExit : null);
            var watch = new NamespaceWatch(network, world.Time);
            var keeper = new Housekeeper(tunnels, settings.Keepers, server, files, gate, watch, idleExit, notifier, log);
            reason = await keeper.RunAsync(stop).ConfigureAwait(false);
            notifier.Send("STOPPING=1");
        }
        await EndAsync(reason, options, tunnels, settings, store, files, log).ConfigureAwait(false);
        return reason;

        DaemonStatus Status() => new(Version, Environment.ProcessId, network.Display, started, tunnels.Count, "user", plane.Features);
    }

    private static async Task EndAsync(
        EndReason reason, DaemonOptions options, TunnelManager tunnels, DaemonSettings settings, StateStore store, DaemonFiles files,
        DaemonLog log)
    {
        if (reason == EndReason.Replaced)
        {
            log.Write("another daemon has taken this network namespace over");
            return; // the files are the other's now
        }
        if (reason == EndReason.NamespaceLost)
            log.Write("the network namespace is going, and so are its tunnels");
        if (reason == EndReason.NamespaceLost || options.RemoveDevices)
        {
            await settings.RemoveAllAsync().ConfigureAwait(false);
            await tunnels.RemoveAllAsync().ConfigureAwait(false);
        }
        if (tunnels.Count > 0 || settings.Keepers.Any(keeper => keeper.Count > 0))
            return;
        store.Delete();
        files.DeleteAll();
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the end of the process is ours to bring about
            stop.Cancel();
        });
}
