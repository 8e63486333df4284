using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>What the routes say of one outer destination.</summary>
/// <param name="Found">False when there is no route, or it refuses (unreachable, blackhole, prohibit).</param>
/// <param name="Interface">Index of the interface that it leads out of.</param>
/// <param name="Mtu">The route's MTU in bytes: its metric, else the interface's.</param>
/// <param name="MtuLocked">True when the administrator locked that MTU: then no DF goes out.</param>
/// <param name="Source">The address to send from when the tunnel names none.</param>
public readonly record struct OuterRoute(bool Found, int Interface, int Mtu, bool MtuLocked, IpAddress Source)
{
    /// <summary>No way there.</summary>
    public static OuterRoute None => default;
}

/// <summary>What an outer packet's route is looked up by.</summary>
/// <param name="Destination">The far end.</param>
/// <param name="Source">Our end; any leaves it to the routes.</param>
/// <param name="TypeOfService">TOS or traffic class.</param>
/// <param name="Link">The interface it must leave by; 0 for none.</param>
/// <param name="Mark">The mark; 0 for none.</param>
public readonly record struct OuterRouteQuery(IpAddress Destination, IpAddress Source, byte TypeOfService, int Link, uint Mark = 0);

/// <summary>The network under the tunnels, as far as a tunnel asks about it. Asked from one thread alone.</summary>
public interface IUnderlay
{
    /// <summary>Changes whenever an answer may have changed; whoever keeps answers compares it.</summary>
    int Generation { get; }

    /// <summary>The route for an outer packet, of either IP version.</summary>
    OuterRoute Route(in OuterRouteQuery query);

    /// <summary>
    /// The next hop of an inner packet, which names the far end of a tunnel without a remote (NBMA): the gateway of its route,
    /// of either IP version, or the inner destination itself when the route has none. Any of IPv4 when there is no route.
    /// </summary>
    /// <param name="device">Index of the tunnel's device.</param>
    /// <param name="innerSource">Where the inner packet comes from, which rules may look at.</param>
    /// <param name="innerDestination">Where it goes.</param>
    IpAddress NextHop(int device, IpAddress innerSource, IpAddress innerDestination);

    /// <summary>True when <paramref name="address"/> is one of this host's own.</summary>
    bool IsLocal(IpAddress address);
}
