using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>What the routes say of one outer destination.</summary>
/// <param name="Found">False when there is no route, or it refuses (unreachable, blackhole, prohibit).</param>
/// <param name="Interface">Index of the interface that it leads out of.</param>
/// <param name="Mtu">The route's MTU in bytes: its metric, else the interface's.</param>
/// <param name="MtuLocked">True when the administrator locked that MTU: then no DF goes out.</param>
/// <param name="Source">The address to send from when the tunnel names none.</param>
public readonly record struct OuterRoute(bool Found, int Interface, int Mtu, bool MtuLocked, IPv4Address Source)
{
    /// <summary>No way there.</summary>
    public static OuterRoute None => default;
}

/// <summary>The network under the tunnels, as far as a tunnel asks about it. Asked from one thread alone.</summary>
public interface IUnderlay
{
    /// <summary>Changes whenever an answer may have changed; whoever keeps answers compares it.</summary>
    int Generation { get; }

    /// <summary>The route for an outer packet. <paramref name="source"/> may be any, <paramref name="link"/> 0.</summary>
    OuterRoute Route(IPv4Address destination, IPv4Address source, byte tos, int link);

    /// <summary>
    /// The far end of a tunnel without a remote (NBMA): the gateway that the route of the inner packet names, or the inner
    /// destination itself when it names none. Any when there is no route.
    /// </summary>
    /// <param name="device">Index of the tunnel's device.</param>
    /// <param name="innerSource">Where the inner packet comes from, which rules may look at.</param>
    /// <param name="innerDestination">Where it goes.</param>
    IPv4Address NextHop(int device, IPv4Address innerSource, IPv4Address innerDestination);

    /// <summary>True when <paramref name="address"/> is one of this host's own.</summary>
    bool IsLocal(IPv4Address address);
}
