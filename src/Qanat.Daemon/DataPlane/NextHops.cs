using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>An Ethernet neighbour and the way to it.</summary>
/// <param name="Interface">Index of the interface.</param>
/// <param name="Destination">The neighbour's Ethernet address, 6 bytes.</param>
/// <param name="Source">The interface's own, 6 bytes.</param>
internal readonly record struct NextHop(int Interface, byte[] Destination, byte[] Source);

/// <summary>
/// Where outer packets go next, as far as the kernel knows the neighbour's Ethernet address; remembered as long as the
/// routes are. Belongs to the worker.
/// </summary>
internal sealed class NextHops(RouteNetlink netlink, RouteCache routes, TimeProvider time)
{
    /// <summary>
    /// How often the kernel sends a packet itself: what goes past it does not count as use of its neighbour entry, which
    /// would grow stale and never be checked.
    /// </summary>
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(1);

    /// <summary>Room for the far ends of ten thousand tunnels several times over: what overflows is forgotten as a whole.</summary>
    private const int Limit = 1 << 16;

    private readonly Dictionary<(IPv4Address Destination, IPv4Address Source, int Link), Entry> _entries = [];
    private int _generation;

    /// <summary>
    /// The neighbour that packets from <paramref name="source"/> to <paramref name="destination"/> go to.
    /// False when it is not known, or when it is time for the kernel to send one.
    /// </summary>
    public bool TryGet(IPv4Address destination, IPv4Address source, int link, out NextHop hop)
    {
        if (_generation != routes.Generation || _entries.Count > Limit)
        {
            _entries.Clear();
            _generation = routes.Generation;
        }
        var key = (destination, source, link);
        if (!_entries.TryGetValue(key, out var entry))
            _entries[key] = entry = new(Resolve(destination, source, link), time.GetTimestamp());
        hop = entry.Hop.GetValueOrDefault();
        if (entry.Hop is null)
            return false;
        if (time.GetElapsedTime(entry.KernelSent) < s_refresh)
            return true;
        entry.KernelSent = time.GetTimestamp();
        return false;
    }

    private NextHop? Resolve(IPv4Address destination, IPv4Address source, int link)
    {
        var query = new RouteQuery(destination.ToIPAddress())
        {
            Source = source.IsAny ? null : source.ToIPAddress(),
            OutputInterface = link,
        };
        try
        {
            if (!netlink.Routes.TryGet(query, out var route, out _) || route.Type != RouteType.Unicast ||
                netlink.Links.Find(route.OutputInterface) is not { Type: LinkType.Ethernet, Address: { } own } ||
                netlink.Neighbours.Find(route.OutputInterface, route.Gateway ?? query.Destination) is not { IsValid: true } neighbour)
                return null;
            var (theirs, ours) = (neighbour.LinkLayerAddress!.GetAddressBytes(), own.GetAddressBytes());
            return theirs.Length == 6 && ours.Length == 6 ? new(route.OutputInterface, theirs, ours) : null;
        }
        catch (LinuxException)
        {
            return null; // what is asked about may be going; the kernel sends then, and knows better
        }
    }

    private sealed class Entry(NextHop? hop, long kernelSent)
    {
        public NextHop? Hop { get; } = hop;

        public long KernelSent { get; set; } = kernelSent;
    }
}
