namespace Qanat.Tunnels;

/// <summary>The routes of outer packets, narrowed to what ICMP taught of their paths. Each tunnel remembers its last.</summary>
internal sealed class OuterRoutes(IUnderlay underlay, PathMtuTable pathMtus)
{
    /// <summary>Where they come from.</summary>
    public IUnderlay Underlay => underlay;

    /// <summary>The route that a tunnel's packet takes.</summary>
    public OuterRoute Find(Tunnel tunnel, in OuterRouteQuery query)
    {
        var generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        var cached = tunnel.Route;
        if (cached.Query == query && cached.Generation == generation)
            return cached.Route;
        var route = IsRefused(tunnel, query) ? OuterRoute.None : pathMtus.Apply(query.Destination, underlay.Route(query));
        generation = (long)underlay.Generation << 32 | (uint)pathMtus.Generation;
        tunnel.Route = new(query, generation, route);
        return route;
    }

    // A remote that is this host itself would come straight back (ip6_tnl_xmit_ctl).
    private bool IsRefused(Tunnel tunnel, in OuterRouteQuery query) =>
        tunnel.Mode.IsOverIPv6 && !tunnel.Parameters.IPv6.AllowLocalRemote && underlay.IsLocal(query.Destination);
}
