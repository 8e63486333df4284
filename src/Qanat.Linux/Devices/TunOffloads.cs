using static Qanat.Linux.Interop.IfTun;

namespace Qanat.Linux.Devices;

/// <summary>
/// What a program that reads a TUN or TAP device leaves undone by the kernel: checksums, and cutting large packets into
/// segments (linux/if_tun.h, TUN_F_*). It says nothing of what may be written: super-packets always may.
/// </summary>
[Flags]
public enum TunOffloads
{
    /// <summary>Every packet comes finished.</summary>
    None = 0,

    /// <summary>Transport checksums may be partial. The others need it.</summary>
    Checksum = (int)TUN_F_CSUM,

    /// <summary>TCP over IPv4 may come as super-packets.</summary>
    Tso4 = (int)TUN_F_TSO4,

    /// <summary>TCP over IPv6 may come as super-packets.</summary>
    Tso6 = (int)TUN_F_TSO6,

    /// <summary>Super-packets may carry ECN's CWR. It needs one of the two before.</summary>
    TsoEcn = (int)TUN_F_TSO_ECN,

    /// <summary>UDP datagrams may come as super-packets (Linux 6.2; the kernel has it for both families or for neither).</summary>
    Uso = (int)(TUN_F_USO4 | TUN_F_USO6),

    /// <summary>
    /// What VXLAN and Geneve devices over this one carry may come as super-packets (Linux 6.17); see
    /// <see cref="Packets.PacketInfo.GsoTunnel"/>. It needs a TSO. For TAPs: a TUN gives such packets and drops them when they are sent.
    /// </summary>
    UdpTunnel = (int)TUN_F_UDP_TUNNEL_GSO,

    /// <summary>The same for tunnels whose UDP header has a checksum. It needs <see cref="UdpTunnel"/>.</summary>
    UdpTunnelChecksum = (int)TUN_F_UDP_TUNNEL_GSO_CSUM,

    /// <summary>All but those of tunnels: super-packets with one IP header, as Qanat.Packets cuts and joins them.</summary>
    Plain = Checksum | Tso4 | Tso6 | TsoEcn | Uso,

    /// <summary>All of them.</summary>
    All = Plain | UdpTunnel | UdpTunnelChecksum,
}

/// <summary>Which offloads were asked for, and which of them the kernel has.</summary>
/// <param name="Wanted">What was asked for.</param>
/// <param name="Granted">What is in force.</param>
public readonly record struct GrantedOffloads(TunOffloads Wanted, TunOffloads Granted)
{
    /// <summary>What was asked for in vain.</summary>
    public TunOffloads Refused => Wanted & ~Granted;
}
