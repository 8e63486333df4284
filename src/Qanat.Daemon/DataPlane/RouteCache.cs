using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The kernel's routes as the tunnels ask for them: each question goes to rtnetlink once and is remembered until the
/// monitor tells of a change, or for <see cref="Lifetime"/>, since the kernel tells nobody what it learns of path MTUs.
/// Belongs to the worker.
/// </summary>
internal sealed class RouteCache(RouteNetlink netlink) : IUnderlay
{
    /// <summary>How long an answer is believed without news.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <summary>Room for the far ends of ten thousand tunnels several times over: what overflows is forgotten as a whole.</summary>
    private const int Limit = 1 << 16;

    private readonly Dictionary<OuterRouteQuery, OuterRoute> _routes = [];
    private readonly Dictionary<(int, IpAddress, IpAddress), IpAddress> _nextHops = [];

    /// <inheritdoc/>
    public int Generation { get; private set; }

    /// <summary>Forgets every answer.</summary>
    public void Invalidate()
    {
        _routes.Clear();
        _nextHops.Clear();
        Generation++;
    }

    /// <inheritdoc/>
    public OuterRoute Route(in OuterRouteQuery query)
    {
        if (_routes.TryGetValue(query, out var known))
            return known;
        var route = Ask(query);
        if (_routes.Count >= Limit)
            Invalidate();
        return _routes[query] = route;
    }

    /// <inheritdoc/>
    public IpAddress NextHop(int device, IpAddress innerSource, IpAddress innerDestination)
    {
        var key = (device, innerSource, innerDestination);
        if (_nextHops.TryGetValue(key, out var known))
            return known;
        // With the source first, for the rules that look at it; without it when the packet is forwarded, for then it is not ours.
        var query = new RouteQuery(innerDestination.ToIPAddress()) { OutputInterface = device };
        var found = netlink.Routes.TryGet(query with { Source = innerSource.ToIPAddress() }, out var route, out _) ||
            netlink.Routes.TryGet(query, out route, out _);
        var nextHop = !found ? default : route!.Gateway is { } gateway ? IpAddress.From(gateway) : innerDestination;
        if (_nextHops.Count >= Limit)
            Invalidate();
        return _nextHops[key] = nextHop;
    }

    /// <inheritdoc/>
    public bool IsLocal(IpAddress address) =>
        netlink.Routes.TryGet(new RouteQuery(address.ToIPAddress()), out var route, out _) && route.Type == RouteType.Local;

    private OuterRoute Ask(in OuterRouteQuery outer)
    {
        var query = new RouteQuery(outer.Destination.ToIPAddress())
        {
            Source = outer.Source.IsAny ? null : outer.Source.ToIPAddress(),
            Tos = outer.TypeOfService,
            OutputInterface = outer.Link,
            Mark = outer.Mark,
        };
        if (!netlink.Routes.TryGet(query, out var route, out _))
            return OuterRoute.None;
        var mtu = route.Mtu != 0 ? route.Mtu : netlink.Links.Find(route.OutputInterface)?.Mtu ?? 0;
        var preferred = outer.Source.IsAny && route.PreferredSource is { } address ? IpAddress.From(address) : outer.Source;
        return new(mtu != 0, route.OutputInterface, mtu, route.MtuLocked, preferred);
    }
}
