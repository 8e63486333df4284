using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>Routes, and the way to a destination: <c>ip route</c>. Got from <see cref="RouteNetlink.Routes"/>.</summary>
public sealed class Routes
{
    private const int MessageLength = 1024;
    private readonly NetlinkSocket _socket;

    internal Routes(NetlinkSocket socket) => _socket = socket;

    /// <summary>The routes of a table; none when there is no such table.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="table">The table; <see cref="RouteTableId.Unspecified"/> for all of them.</param>
    public IReadOnlyList<Route> List(AddressFamily family = AddressFamily.InterNetwork, RouteTableId table = RouteTableId.Main)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETROUTE);
        request.Append(new rtmsg { rtm_family = KernelFamily.Of(family) });
        if (table != RouteTableId.Unspecified)
            request.Add(RTA_TABLE, (uint)table);
        List<Route> routes;
        try
        {
            routes = _socket.Dump<Route>(request, $"list the routes of table {table}");
        }
        catch (LinuxException e) when (e.Error == Errno.ENOENT)
        {
            return []; // A table is there only while it has routes.
        }

        // Kernels before 4.20 list all tables.
        routes.RemoveAll(route => table != RouteTableId.Unspecified && route.Table != table);
        return routes;
    }

    /// <summary>
    /// Where a packet would go. It costs one send, one receive and the answer's few small objects, so that a packet worker may call it.
    /// </summary>
    /// <param name="query">The packet.</param>
    /// <param name="route">
    /// The way: of type unicast, local, broadcast or multicast, with the device, the gateway if there is one, the source
    /// address, and the path's MTU if it differs from the device's.
    /// </param>
    /// <param name="error">
    /// Why there is none: ENETUNREACH no route, EHOSTUNREACH an unreachable route, EACCES a prohibit route, EINVAL a blackhole
    /// route, ENODEV no such device; EINVAL or ENETUNREACH, as the kernel is older or newer, a source that is not ours.
    /// </param>
    public bool TryGet(in RouteQuery query, [NotNullWhen(true)] out Route? route, out int error)
    {
        if (!_socket.TryGet(Write(query, stackalloc byte[MessageLength]), out route, out var ack))
        {
            error = ack.Error;
            return false;
        }

        // IPv6 answers with the refusing route, IPv4 with its error.
        error = route.Error;
        if (error == 0)
            return true;
        route = null;
        return false;
    }

    /// <summary>Where a packet would go.</summary>
    /// <exception cref="LinuxException">Nowhere, with the errors of <see cref="TryGet"/>.</exception>
    public Route Get(in RouteQuery query)
    {
        var operation = $"get route to {query.Destination}";
        var route = _socket.Get<Route>(Write(query, stackalloc byte[MessageLength]), operation);
        return route.Error == 0 ? route : throw new NetlinkAck(route.Error).ToException(operation);
    }

    /// <summary>Adds a route.</summary>
    /// <exception cref="LinuxException">EEXIST: there is one like it; ENETUNREACH: the gateway cannot be reached; and others.</exception>
    public void Add(Route route) => Request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route, "add");

    /// <summary>Adds a route in the place of any with the same destination, type of service and metric.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Replace(Route route) => Request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route, "replace");

    /// <summary>Deletes the first route that has everything that <paramref name="route"/> says.</summary>
    /// <exception cref="LinuxException">ESRCH: there is none.</exception>
    public void Delete(Route route) => Request(RTM_DELROUTE, 0, route, "delete");

    /// <summary>
    /// Adds many routes in few system calls: some dozens go to the kernel in one, which answers those only that it refuses. A
    /// refusal does not keep the others from being added.
    /// </summary>
    /// <returns>The routes that were refused, in order, and why; none when all were added.</returns>
    /// <exception cref="LinuxException">The socket failed; some of the routes may have been added.</exception>
    public IReadOnlyList<RouteRefusal> AddAll(IEnumerable<Route> routes) =>
        RequestAll(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, routes, "add");

    /// <summary>Deletes many routes, as <see cref="AddAll"/> adds them.</summary>
    /// <returns>The routes that were refused, in order, and why; none when all were deleted.</returns>
    /// <exception cref="LinuxException">The socket failed; some of the routes may have been deleted.</exception>
    public IReadOnlyList<RouteRefusal> DeleteAll(IEnumerable<Route> routes) => RequestAll(RTM_DELROUTE, 0, routes, "delete");

    private List<RouteRefusal> RequestAll(ushort type, ushort flags, IEnumerable<Route> routes, string verb)
    {
        ArgumentNullException.ThrowIfNull(routes);
        List<RouteRefusal> refusals = [];
        _socket.RequestAll(
            routes,
            (route, buffer) => Write(route, buffer, type, flags),
            route => Operation(route, verb),
            (route, reason) => refusals.Add(new(route, reason)));
        return refusals;
    }

    private void Request(ushort type, ushort flags, Route route, string verb) =>
        _socket.Request(Write(route, stackalloc byte[MessageLength], type, flags), Operation(route, verb));

    private static NetlinkWriter Write(Route route, Span<byte> buffer, ushort type, ushort flags)
    {
        var request = new NetlinkWriter(buffer, type, flags);
        route.Write(ref request, delete: type == RTM_DELROUTE);
        return request;
    }

    private static string Operation(Route route, string verb) => $"{verb} route {route.Destination}";

    private static NetlinkWriter Write(in RouteQuery query, Span<byte> buffer)
    {
        var bits = (byte)(8 * KernelFamily.AddressLength(query.Destination.AddressFamily));
        var request = new NetlinkWriter(buffer, RTM_GETROUTE);
        request.Append(new rtmsg
        {
            rtm_family = KernelFamily.Of(query.Destination),
            rtm_dst_len = bits,
            rtm_src_len = query.Source is null ? (byte)0 : bits,
            rtm_tos = (byte)(query.Tos & 0xFC),

            // IPv6 always tells the table, and refuses the flag that asks IPv4 to.
            rtm_flags = bits == 32 ? RTM_F_LOOKUP_TABLE : 0,
        });
        request.Add(RTA_DST, query.Destination);
        if (query.Source is not null)
            request.Add(RTA_SRC, query.Source);
        if (query.InputInterface != 0)
            request.Add(RTA_IIF, query.InputInterface);
        if (query.OutputInterface != 0)
            request.Add(RTA_OIF, query.OutputInterface);
        if (query.Mark != 0)
            request.Add(RTA_MARK, query.Mark);
        return request;
    }
}
