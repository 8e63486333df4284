using Qanat.Daemon.Devices;
using Qanat.Daemon.Lifecycle;
using Qanat.Daemon.State;
using Qanat.Linux;
using Qanat.Linux.Privileges;

namespace Qanat.Daemon;

/// <summary>What a daemon stands on: everything outside the process, so that tests can stand it on something else.</summary>
internal sealed record DaemonSurroundings
{
    /// <summary>The kernel's devices.</summary>
    public required ITunnelDevices Devices { get; init; }

    /// <summary>The network namespace.</summary>
    public required INetworkNamespace Network { get; init; }

    /// <summary>The namespace's cookie, which is never given twice in one boot.</summary>
    public required ulong Cookie { get; init; }

    /// <summary>What tunnels need and this process has not, one line each.</summary>
    public Func<IReadOnlyList<string>> Missing { get; init; } = Preflight.Missing;

    /// <summary>The boot's identity.</summary>
    public required string Boot { get; init; }

    /// <summary>The disk that keeps the state.</summary>
    public IStateFiles Files { get; init; } = new StateFiles();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The log.</summary>
    public DaemonLog Log { get; init; } = DaemonLog.ToStandardError();

    /// <summary>systemd.</summary>
    public SystemdNotifier Notifier { get; init; } = SystemdNotifier.FromEnvironment();

    /// <summary>The kernel.</summary>
    public static DaemonSurroundings Real() => throw new NotSupportedException();

    /// <summary>Leaves the terminal, with the log in that file from then on.</summary>
    public Action<string> Detach { get; init; } = Daemonizer.Detach;
}
