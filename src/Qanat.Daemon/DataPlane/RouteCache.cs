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

    private const int Limit = 4096;

    private readonly Dictionary<(IPv4Address, IPv4Address, byte, int), OuterRoute> _routes = [];
    private readonly Dictionary<(int, IPv4Address, IPv4Address), IPv4Address> _nextHops = [];

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
    public OuterRoute Route(IPv4Address destination, IPv4Address source, byte tos, int link)
    {
        var key = (destination, source, tos, link);
        if (_routes.TryGetValue(key, out var known))
            return known;
        var route = Ask(destination, source, tos, link);
        if (_routes.Count >= Limit)
            Invalidate();
        return _routes[key] = route;
    }

    /// <inheritdoc/>
    public IPv4Address NextHop(int device, IPv4Address innerSource, IPv4Address innerDestination)
    {
        var key = (device, innerSource, innerDestination);
        if (_nextHops.TryGetValue(key, out var known))
            return known;
        // With the source first, for the rules that look at it; without it when the packet is forwarded, for then it is not ours.
        var query = new RouteQuery(innerDestination.ToIPAddress()) { OutputInterface = device };
        var found = netlink.Routes.TryGet(query with { Source = innerSource.ToIPAddress() }, out var route, out _) ||
            netlink.Routes.TryGet(query, out route, out _);
        var nextHop = !found ? IPv4Address.Any : route!.Gateway is { } gateway ? IPv4Address.From(gateway) : innerDestination;
        if (_nextHops.Count >= Limit)
            Invalidate();
        return _nextHops[key] = nextHop;
    }

    /// <inheritdoc/>
    public bool IsLocal(IPv4Address address) =>
        netlink.Routes.TryGet(new RouteQuery(address.ToIPAddress()), out var route, out _) && route.Type == RouteType.Local;

    private OuterRoute Ask(IPv4Address destination, IPv4Address source, byte tos, int link)
    {
        var query = new RouteQuery(destination.ToIPAddress())
        {
            Source = source.IsAny ? null : source.ToIPAddress(),
            Tos = tos,
            OutputInterface = link,
        };
        if (!netlink.Routes.TryGet(query, out var route, out _))
            return OuterRoute.None;
        var mtu = route.Mtu != 0 ? route.Mtu : netlink.Links.Find(route.OutputInterface)?.Mtu ?? 0;
        var preferred = source.IsAny && route.PreferredSource is { } address ? IPv4Address.From(address) : source;
        return new(mtu != 0, route.OutputInterface, mtu, route.MtuLocked, preferred);
    }
}
