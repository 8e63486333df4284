using System.Runtime.InteropServices;

namespace Qanat.Linux.Netlink;

/// <summary>A device's counters (linux/if_link.h, struct rtnl_link_stats64), in its order; those that every kernel has.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LinkStatistics
{
#pragma warning disable CS1591 // the kernel's names say what they count
    public ulong RxPackets { get; init; }
    public ulong TxPackets { get; init; }
    public ulong RxBytes { get; init; }
    public ulong TxBytes { get; init; }
    public ulong RxErrors { get; init; }
    public ulong TxErrors { get; init; }
    public ulong RxDropped { get; init; }
    public ulong TxDropped { get; init; }
    public ulong Multicast { get; init; }
    public ulong Collisions { get; init; }
    public ulong RxLengthErrors { get; init; }
    public ulong RxOverErrors { get; init; }
    public ulong RxCrcErrors { get; init; }
    public ulong RxFrameErrors { get; init; }
    public ulong RxFifoErrors { get; init; }
    public ulong RxMissedErrors { get; init; }
    public ulong TxAbortedErrors { get; init; }
    public ulong TxCarrierErrors { get; init; }
    public ulong TxFifoErrors { get; init; }
    public ulong TxHeartbeatErrors { get; init; }
    public ulong TxWindowErrors { get; init; }
    public ulong RxCompressed { get; init; }
    public ulong TxCompressed { get; init; }
#pragma warning restore CS1591
}
