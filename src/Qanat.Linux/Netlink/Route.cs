using System.Net;
using System.Net.Sockets;

namespace Qanat.Linux.Netlink;

/// <summary>
/// A route, or the kernel's answer to where packets for a destination go. What is read from the kernel can be given back to it.
/// </summary>
/// <remarks>Source: linux/rtnetlink.h; net/ipv4/fib_semantics.c, fib_dump_info; net/ipv4/route.c, rt_fill_info.</remarks>
public sealed partial record Route : INetlinkParsable<Route>
{
    /// <summary>The destinations that it is for: one address, a network, or 0.0.0.0/0 and ::/0 for all others.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>What it does with packets.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>The table that it is in.</summary>
    public RouteTableId Table { get; init; } = RouteTableId.Main;

    /// <summary>Who put it there. Null: <see cref="RouteProtocol.Boot"/> when adding, anybody when deleting.</summary>
    public RouteProtocol? Protocol { get; init; }

    /// <summary>How far away the destination is. Null: what fits the type and the gateway when adding, any when deleting.</summary>
    public RouteScope? Scope { get; init; }

    /// <summary>The type of service that it is for, as the whole byte; 0 for any.</summary>
    public byte Tos { get; init; }

    /// <summary>The router to send packets to, of either family; null when the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Index of the device that packets leave by; 0 for none.</summary>
    public int OutputInterface { get; init; }

    /// <summary>The source address for packets that have none yet; null when the kernel is to choose.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>Its metric: of two routes for the same destination, the smaller is used.</summary>
    public uint Metric { get; init; }

    /// <summary>Flags; of these <see cref="RouteFlags.OnLink"/> can be set.</summary>
    public RouteFlags Flags { get; init; }

    /// <summary>The path's MTU in bytes, set by hand or learnt; 0 when the device's counts (RTAX_MTU).</summary>
    public int Mtu { get; init; }

    /// <summary>True when the MTU is fixed: no discovery, and DF stays clear (RTAX_LOCK).</summary>
    public bool MtuLocked { get; init; }

    /// <summary>What else TCP and the IP layer are told for the path.</summary>
    public RouteMetrics Metrics { get; init; } = RouteMetrics.None;

    /// <summary>The ways to take instead of one gateway, when there are several.</summary>
    public IReadOnlyList<NextHop> NextHops { get; init; } = [];

    /// <summary>How long a learnt fact, such as the path's MTU, still holds; null when it does not expire.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>The error number that packets for the destination meet with, positive; 0 for none.</summary>
    public int Error { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Destination.BaseAddress.AddressFamily;
}

/// <summary>One of several ways that a route can take.</summary>
public sealed record NextHop
{
    /// <summary>Index of the device that packets leave by.</summary>
    public required int OutputInterface { get; init; }

    /// <summary>The router to send packets to; null when the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Its share of the flows, 1 to 256.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Flags; of these <see cref="RouteFlags.OnLink"/> can be set.</summary>
    public RouteFlags Flags { get; init; }
}

/// <summary>A route that the kernel refused, one of many.</summary>
/// <param name="Route">The route.</param>
/// <param name="Reason">Why.</param>
public sealed record RouteRefusal(Route Route, LinuxException Reason);
