using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// What tells a tunnel from the others in its table: two with the same key would get the same packets. GRE's input key does so,
/// vti's marks do not (net/ipv4/ip_tunnel.c: ip_tunnel_find; net/ipv6/ip6_gre.c: ip6gre_tunnel_find).
/// </summary>
/// <param name="Table">Where it is looked for.</param>
/// <param name="Local">Our end.</param>
/// <param name="Remote">The far end.</param>
/// <param name="Link">The underlay device.</param>
/// <param name="Identifier">The GRE input key, VXLAN's network and port, or L2TP's tunnel and session; null for none.</param>
internal readonly record struct TunnelKey(TunnelTableKind Table, IpAddress Local, IpAddress Remote, int Link, ulong? Identifier)
{
    /// <summary>True for the key of a fallback device: everything that no other tunnel takes.</summary>
    public bool IsFallback => Local.IsAny && Remote.IsAny && Link == 0 && Identifier is null;

    /// <summary>The key of a tunnel with these parameters.</summary>
    public static TunnelKey Of(TunnelParameters parameters)
    {
        var table = ModeFacts.Of(parameters.Mode).Table;
        return table switch
        {
            TunnelTableKind.Gre or TunnelTableKind.Gretap or TunnelTableKind.Ip6Gre or TunnelTableKind.Ip6Gretap =>
                new(table, parameters.Local, parameters.Remote, parameters.Link, parameters.Gre.InputKey),
            // An identifier has one device a port, address family and, with link-local addresses alone, link (vxlan_vni_in_use).
            TunnelTableKind.Vxlan when parameters.Vxlan is { } vxlan =>
                new(table, IpAddress.Any(IsOverIPv6(parameters)), default, 0, (ulong)vxlan.Port << 32 | vxlan.Id),
            TunnelTableKind.L2tp when parameters.L2tp is { } l2tp =>
                new(table, default, default, 0, (ulong)l2tp.TunnelId << 32 | l2tp.SessionId),
            _ => new(table, parameters.Local, parameters.Remote, parameters.Link, null),
        };
    }

    /// <summary>True when the outer header is IPv6's.</summary>
    public static bool IsOverIPv6(TunnelParameters parameters) =>
        ModeFacts.Of(parameters.Mode).OverIPv6 ?? (parameters.Remote.IsIPv6 || parameters.Local.IsIPv6);
}
