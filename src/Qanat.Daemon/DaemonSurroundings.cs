using Qanat.Daemon.Control;
using Qanat.Daemon.Devices;
using Qanat.Daemon.Lifecycle;
using Qanat.Linux;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Linux.Privileges;
using Qanat.Linux.Storage;

namespace Qanat.Daemon;

/// <summary>What a daemon stands on: everything outside the process, so that tests can stand it on something else.</summary>
internal sealed record DaemonSurroundings
{
    /// <summary>What tunnels need and this process has not, one line each.</summary>
    public Func<IReadOnlyList<string>> Missing { get; init; } = Preflight.Missing;

    /// <summary>Opens the kernel's devices.</summary>
    public Func<ITunnelDevices> OpenDevices { get; init; } = () => new LinuxTunnelDevices(new RouteNetlink());

    /// <summary>Opens the network namespace.</summary>
    public Func<INetworkNamespace> OpenNetwork { get; init; } = () => new LinuxNamespace(NetworkNamespace.Current());

    /// <summary>The boot's identity.</summary>
    public string Boot { get; init; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The disk that keeps the state.</summary>
    public IStateFiles Files { get; init; } = new StateFiles();

    /// <summary>Whether the first tunnel of a mode brings its fallback device along.</summary>
    public bool WithFallbacks { get; init; } = Fallbacks.AskedFor;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The log.</summary>
    public DaemonLog Log { get; init; } = DaemonLog.ToStandardError();

    /// <summary>systemd.</summary>
    public SystemdNotifier Notifier { get; init; } = SystemdNotifier.FromEnvironment();

    /// <summary>Leaves the terminal, with the log in that file from then on.</summary>
    public Action<string> Detach { get; init; } = log => Daemonizer.Detach(log);
}
