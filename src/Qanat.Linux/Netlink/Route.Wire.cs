using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

public sealed partial record Route
{
    // rta_expires counts in USER_HZ, a hundredth of a second on every architecture that .NET runs on.
    private const double ExpiresHz = 100;

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Route? value)
    {
        value = null;
        if (message.Type is not (RTM_NEWROUTE or RTM_DELROUTE) || !message.TryRead(out rtmsg header, out var attributes))
            return false;
        var family = KernelFamily.From(header.rtm_family);
        if (family == AddressFamily.Unspecified || header.rtm_dst_len > 8 * KernelFamily.AddressLength(family))
            return false;

        IPAddress? destination = null, gateway = null, preferredSource = null;
        IReadOnlyList<NextHop> nextHops = [];
        uint table = header.rtm_table, metric = 0;
        var metrics = RouteMetrics.None;
        (int Mtu, bool Locked) mtu = default;
        var outputInterface = 0;
        rta_cacheinfo cache = default;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case RTA_DST: destination = attribute.ReadAddress(); break;
                case RTA_GATEWAY: gateway = attribute.ReadAddress(); break;
                case RTA_VIA: gateway = ReadVia(attribute); break;
                case RTA_OIF: outputInterface = attribute.Read<int>(); break;
                case RTA_PREFSRC: preferredSource = attribute.ReadAddress(); break;
                case RTA_PRIORITY: metric = attribute.Read<uint>(); break;
                case RTA_TABLE: table = attribute.Read<uint>(); break;
                case RTA_METRICS: (mtu, metrics) = (ReadMtu(attribute.Nested), RouteMetrics.Parse(attribute.Nested)); break;
                case RTA_MULTIPATH: nextHops = ReadNextHops(attribute.Value); break;
                case RTA_CACHEINFO: cache = attribute.Read<rta_cacheinfo>(); break;
            }
        }

        destination ??= family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        if (destination.AddressFamily != family)
            return false;
        value = new Route
        {
            Destination = KernelFamily.NetworkOf(destination, header.rtm_dst_len),
            Type = (RouteType)header.rtm_type,
            Table = (RouteTableId)table,
            Protocol = (RouteProtocol)header.rtm_protocol,
            Scope = (RouteScope)header.rtm_scope,
            Tos = header.rtm_tos,
            Gateway = gateway,
            OutputInterface = outputInterface,
            PreferredSource = preferredSource,
            Metric = metric,
            Flags = (RouteFlags)header.rtm_flags,
            Mtu = mtu.Mtu,
            MtuLocked = mtu.Locked,
            Metrics = metrics,
            NextHops = nextHops,
            Expires = cache.rta_expires > 0 ? TimeSpan.FromSeconds(cache.rta_expires / ExpiresHz) : null,
            Error = (int)cache.rta_error is < 0 and > int.MinValue and var error ? -error : 0,
        };
        return true;
    }

    /// <summary>Writes the route as something to add or, with what is not said left open, to delete.</summary>
    internal void Write(ref NetlinkWriter request, bool delete)
    {
        request.Append(new rtmsg
        {
            rtm_family = KernelFamily.Of(Family),
            rtm_dst_len = (byte)Destination.PrefixLength,
            rtm_tos = Tos,
            rtm_protocol = (byte)(Protocol ?? (delete ? RouteProtocol.Unspecified : RouteProtocol.Boot)),
            rtm_scope = (byte)(Scope ?? (delete ? RouteScope.Nowhere : NaturalScope)),
            rtm_type = (byte)Type,
            rtm_flags = (uint)(Flags & RouteFlags.OnLink),
        });
        request.Add(RTA_TABLE, (uint)Table);
        if (Destination.PrefixLength > 0)
            request.Add(RTA_DST, Destination.BaseAddress);
        if (Gateway is not null)
            AddGateway(ref request, Gateway);
        if (OutputInterface != 0)
            request.Add(RTA_OIF, OutputInterface);
        if (PreferredSource is not null)
            request.Add(RTA_PREFSRC, PreferredSource);
        if (Metric != 0)
            request.Add(RTA_PRIORITY, Metric);
        if (Mtu != 0 || Metrics != RouteMetrics.None)
        {
            var metrics = request.BeginNest(RTA_METRICS);
            if ((Metrics.Locked | (MtuLocked ? 1u << RTAX_MTU : 0)) is var locked and not 0)
                request.Add(RTAX_LOCK, locked);
            if (Mtu != 0)
                request.Add(RTAX_MTU, Mtu);
            Metrics.Write(ref request);
            request.EndNest(metrics);
        }

        if (NextHops.Count > 0)
            AddNextHops(ref request);
    }

    private RouteScope NaturalScope => Type switch
    {
        RouteType.Local => RouteScope.Host,
        RouteType.Broadcast or RouteType.Multicast or RouteType.Anycast => RouteScope.Link,
        RouteType.Unicast when Gateway is null && NextHops.All(hop => hop.Gateway is null) => RouteScope.Link,
        _ => RouteScope.Universe,
    };

    private void AddGateway(ref NetlinkWriter request, IPAddress gateway)
    {
        if (gateway.AddressFamily == Family)
        {
            request.Add(RTA_GATEWAY, gateway);
            return;
        }

        // struct rtvia: a 16-bit family, then the address.
        Span<byte> via = stackalloc byte[18];
        MemoryMarshal.Write(via, (ushort)KernelFamily.Of(gateway));
        gateway.TryWriteBytes(via[2..], out var length);
        request.Add(RTA_VIA, via[..(2 + length)]);
    }

    private void AddNextHops(ref NetlinkWriter request)
    {
        var multipath = request.BeginNest(RTA_MULTIPATH);
        foreach (var hop in NextHops)
        {
            var start = request.Length;
            request.Append(new rtnexthop
            {
                rtnh_flags = (byte)(hop.Flags & RouteFlags.OnLink),
                rtnh_hops = checked((byte)(hop.Weight - 1)),
                rtnh_ifindex = hop.OutputInterface,
            });
            if (hop.Gateway is not null)
                AddGateway(ref request, hop.Gateway);
            request.EndRecord(start);
        }

        request.EndNest(multipath);
    }

    private static IPAddress? ReadVia(NetlinkAttribute attribute)
    {
        var length = KernelFamily.AddressLength(KernelFamily.From(attribute.Read<ushort>()));
        return length > 0 && attribute.Value.Length == 2 + length ? new IPAddress(attribute.Value[2..]) : null;
    }

    private static (int Mtu, bool Locked) ReadMtu(NetlinkAttributes metrics)
    {
        uint mtu = 0, locked = 0;
        foreach (var attribute in metrics)
        {
            switch (attribute.Type)
            {
                case RTAX_MTU: mtu = attribute.Read<uint>(); break;
                case RTAX_LOCK: locked = attribute.Read<uint>(); break;
            }
        }

        return ((int)Math.Min(mtu, int.MaxValue), (locked & 1u << RTAX_MTU) != 0);
    }

    private static List<NextHop> ReadNextHops(ReadOnlySpan<byte> rest)
    {
        List<NextHop> hops = [];
        while (MemoryMarshal.TryRead(rest, out rtnexthop header) && header.rtnh_len >= 8 && header.rtnh_len <= rest.Length)
        {
            IPAddress? gateway = null;
            foreach (var attribute in new NetlinkAttributes(rest[8..header.rtnh_len]))
            {
                switch (attribute.Type)
                {
                    case RTA_GATEWAY: gateway = attribute.ReadAddress(); break;
                    case RTA_VIA: gateway = ReadVia(attribute); break;
                }
            }

            hops.Add(new()
            {
                OutputInterface = header.rtnh_ifindex,
                Gateway = gateway,
                Weight = header.rtnh_hops + 1,
                Flags = (RouteFlags)header.rtnh_flags,
            });
            rest = rest[Math.Min(Align(header.rtnh_len), rest.Length)..];
        }

        return hops;
    }
}
