using System.Net;
using System.Net.Sockets;
using Qanat.Cli.Declarative.Keys;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative;

/// <summary>A route that leads into a tunnel's device. 0: not said.</summary>
internal sealed record HostRoute
{
    // IP6_RT_PRIO_USER: what IPv6 makes of a metric of 0.
    private const uint KernelMetric = 1024;

    /// <summary>The destination; null for a default route whose family nothing told yet.</summary>
    public IPNetwork? To { get; set; }

    /// <summary>What it does.</summary>
    public RouteType Type { get; set; } = RouteType.Unicast;

    /// <summary>The gateway.</summary>
    public IPAddress? Via { get; set; }

    /// <summary>The gateway is on the link, though no address says so.</summary>
    public bool OnLink { get; set; }

    /// <summary>The metric.</summary>
    public uint Metric { get; set; }

    /// <summary>The table.</summary>
    public RouteTableId Table { get; set; } = RouteTableId.Main;

    /// <summary>How far away the destination is; null for what fits type and gateway.</summary>
    public RouteScope? Scope { get; set; }

    /// <summary>The source address.</summary>
    public IPAddress? From { get; set; }

    /// <summary>The type of service that it is for.</summary>
    public byte Tos { get; set; }

    /// <summary>The path's MTU in bytes.</summary>
    public int Mtu { get; set; }

    /// <summary>The congestion window that TCP begins with, in segments.</summary>
    public uint CongestionWindow { get; set; }

    /// <summary>The receive window that TCP begins with, in segments.</summary>
    public uint ReceiveWindow { get; set; }

    /// <summary>The largest TCP segment that is announced, in bytes.</summary>
    public uint Mss { get; set; }

    /// <summary>What was left open, as the kernel fills it in: so is the same route always the same value.</summary>
    public HostRoute Completed()
    {
        var family = (To?.BaseAddress ?? Via ?? From)?.AddressFamily ?? AddressFamily.InterNetwork;
        var isIPv6 = family == AddressFamily.InterNetworkV6;
        return this with
        {
            To = To ?? new IPNetwork(isIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0),
            Metric = isIPv6 && Metric == 0 ? KernelMetric : Metric,
            Scope = isIPv6 ? RouteScope.Universe : Scope ?? NaturalScope,
        };
    }

    /// <summary>What a route is; null when it is not one that a file says: the kernel's, a protocol's, or with several ways.</summary>
    public static HostRoute? FromKernel(Route route) =>
        route.Protocol is not (RouteProtocol.Boot or RouteProtocol.Static) || route.Table == RouteTableId.Local ||
        route.NextHops.Count > 0 || route.Expires is not null || !RouteKeys.IsRouteType(route.Type) ? null : new HostRoute
        {
            To = route.Destination,
            Type = route.Type,
            Via = route.Gateway,
            OnLink = route.Flags.HasFlag(RouteFlags.OnLink),
            Metric = route.Metric,
            Table = route.Table,
            Scope = route.Scope,
            From = route.PreferredSource,
            Tos = route.Tos,
            Mtu = route.Mtu,
            CongestionWindow = route.Metrics.InitialCongestionWindow,
            ReceiveWindow = route.Metrics.InitialReceiveWindow,
            Mss = route.Metrics.AdvertisedMss,
        }.Completed();

    /// <summary>The same for the kernel. To delete it, who made it and its scope are left open.</summary>
    public Route ToKernel(int device, bool delete = false) => new()
    {
        Destination = To!.Value,
        Type = Type,
        Table = Table,
        Protocol = delete ? null : RouteProtocol.Static,
        Scope = delete ? null : Scope,
        Tos = Tos,
        Gateway = Via,
        OutputInterface = device,
        PreferredSource = From,
        Metric = Metric,
        Flags = OnLink ? RouteFlags.OnLink : RouteFlags.None,
        Mtu = Mtu,
        Metrics = RouteMetrics.None with
        {
            InitialCongestionWindow = CongestionWindow,
            InitialReceiveWindow = ReceiveWindow,
            AdvertisedMss = Mss,
        },
    };

    /// <summary>As <c>ip route</c> writes it, without the device.</summary>
    public override string ToString() => RouteKeys.Text(this);

    // The scope that a route gets when none is asked for (iproute2's and netplan's rule).
    private RouteScope NaturalScope => Type switch
    {
        RouteType.Local => RouteScope.Host,
        RouteType.Unicast when Via is not null => RouteScope.Universe,
        _ => RouteScope.Link,
    };
}
