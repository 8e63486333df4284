using System.Buffers.Binary;
using System.Net;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>The outer side of a tunnel that the kernel itself carries.</summary>
/// <remarks>Source: linux/if_tunnel.h; net/ipv4/{ipip,ip_gre,ip_vti}.c, net/ipv6/{sit,ip6_tunnel}.c, drivers/net/vxlan.</remarks>
public sealed record TunnelDetails
{
    /// <summary>Our outer address; null for any.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The far end's outer address; null for any.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Index of the device that outer packets leave by; 0 for any.</summary>
    public int Link { get; init; }

    /// <summary>Bytes of headers that an outer packet has more than the inner one, without options.</summary>
    public int Overhead { get; init; }

    internal static TunnelDetails? Parse(string? kind, NetlinkAttributes data) => kind switch
    {
        "ipip" or "sit" => Read(data, IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, overhead: 20),
        "ip6tnl" => Read(data, IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, overhead: 40),
        "gre" or "gretap" or "ip6gre" or "ip6gretap" =>
            Read(data, IFLA_GRE_LINK, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, GreOverhead(kind, data)),
        "vti" or "vti6" => Read(data, IFLA_VTI_LINK, IFLA_VTI_LOCAL, IFLA_VTI_REMOTE, kind == "vti" ? 20 : 40),
        "vxlan" => Vxlan(data),
        _ => null,
    };

    // Four bytes, and four for each of checksum, key and sequence number; with Ethernet inside, its header too.
    private static int GreOverhead(string kind, NetlinkAttributes data)
    {
        var overhead = (kind.StartsWith("ip6", StringComparison.Ordinal) ? 40 : 20) + 4;
        if (kind.EndsWith("tap", StringComparison.Ordinal))
            overhead += 14;
        foreach (var attribute in data)
            if (attribute.Type == IFLA_GRE_OFLAGS)
                foreach (var flag in (ReadOnlySpan<ushort>)[GRE_CSUM, GRE_KEY, GRE_SEQ])
                    overhead += (BinaryPrimitives.ReverseEndianness(attribute.Read<ushort>()) & flag) != 0 ? 4 : 0;
        return overhead;
    }

    private static TunnelDetails Vxlan(NetlinkAttributes data)
    {
        var ipv4 = Read(data, IFLA_VXLAN_LINK, IFLA_VXLAN_LOCAL, IFLA_VXLAN_GROUP, overhead: 50);
        var ipv6 = Read(data, IFLA_VXLAN_LINK, IFLA_VXLAN_LOCAL6, IFLA_VXLAN_GROUP6, overhead: 70);
        return ipv6.Remote is null && ipv6.Local is null ? ipv4 : ipv6;
    }

    private static TunnelDetails Read(NetlinkAttributes data, ushort link, ushort local, ushort remote, int overhead)
    {
        var details = new TunnelDetails { Overhead = overhead };
        foreach (var attribute in data)
        {
            if (attribute.Type == link)
                details = details with { Link = attribute.Read<int>() };
            else if (attribute.Type == local)
                details = details with { Local = Given(attribute.ReadAddress()) };
            else if (attribute.Type == remote)
                details = details with { Remote = Given(attribute.ReadAddress()) };
        }

        return details;
    }

    private static IPAddress? Given(IPAddress? address) =>
        address is null || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? null : address;
}
