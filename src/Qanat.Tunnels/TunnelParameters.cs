using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>The modes of a tunnel. Each has a file of its own under Modes/.</summary>
public enum TunnelMode
{
    /// <summary>IPv4 in IPv4 (RFC 2003), protocol 4.</summary>
    Ipip,

    /// <summary>IPv4, IPv6 or MPLS in GRE in IPv4 (RFC 2784, RFC 2890), protocol 47.</summary>
    Gre,

    /// <summary>Ethernet frames in GRE in IPv4.</summary>
    Gretap,

    /// <summary>IPv6 in IPv4 (RFC 4213), 6to4 (RFC 3056) and 6rd (RFC 5969), protocol 41.</summary>
    Sit,

    /// <summary>IPv6 in IPv4 within a site (RFC 5214): sit, with a list of potential routers.</summary>
    Isatap,

    /// <summary>A device over IPsec in tunnel mode (RFC 4303), by marks; outer packets over IPv4.</summary>
    Vti,

    /// <summary>IPv4 in IPv4 with the smaller header of RFC 2004, protocol 55.</summary>
    Minimal,

    /// <summary>IPv6 in IPv6 (RFC 2473), next header 41.</summary>
    Ip6ip6,

    /// <summary>IPv4 in IPv6 (RFC 2473), next header 4.</summary>
    Ipip6,

    /// <summary>IPv4 and IPv6 in IPv6.</summary>
    Ip6any,

    /// <summary>IPv4, IPv6 or MPLS in GRE in IPv6 (RFC 7676), next header 47.</summary>
    Ip6gre,

    /// <summary>Ethernet frames in GRE in IPv6.</summary>
    Ip6gretap,

    /// <summary>A device over IPsec in tunnel mode (RFC 4303), by marks; outer packets over IPv6.</summary>
    Vti6,

    /// <summary>Ethernet frames in UDP (RFC 7348).</summary>
    Vxlan,

    /// <summary>A static session of L2TPv3 (RFC 3931): Ethernet frames over IP or UDP.</summary>
    L2tp,
}

/// <summary>What a user sets on a tunnel (the kernel's <c>struct ip_tunnel_parm</c> and <c>struct ip6_tnl_parm2</c>).</summary>
public sealed record TunnelParameters
{
    /// <summary>The mode, which never changes.</summary>
    public TunnelMode Mode { get; init; }

    /// <summary>Our end's address, or any. Of the family that the mode's outer header has.</summary>
    public IpAddress Local { get; init; }

    /// <summary>The far end's address, or any: then the next hop of the inner route is the far end.</summary>
    public IpAddress Remote { get; init; }

    /// <summary>TTL or hop limit of the outer header; 0 copies the inner one.</summary>
    public byte Ttl { get; init; }

    /// <summary>TOS of the outer IPv4 header; bit 0 set copies the inner one. For IPv6 the traffic class, all eight bits.</summary>
    public byte Tos { get; init; }

    /// <summary>Sets DF on every outer header. Without it, DF follows the inner packet (except with sit).</summary>
    public bool PathMtuDiscovery { get; init; } = true;

    /// <summary>The inner packet's DF counts for nothing (gre and gretap's <c>ignore-df</c>).</summary>
    public bool IgnoreDf { get; init; }

    /// <summary>Index of the interface that outer packets are bound to; 0 for none.</summary>
    public int Link { get; init; }

    /// <summary>Mark that the outer packets' routes are looked up with (<c>fwmark</c>); 0 for none.</summary>
    public uint Mark { get; init; }

    /// <summary>What the GRE header has. The keys are vti's marks as well.</summary>
    public GreParameters Gre { get; init; } = GreParameters.None;

    /// <summary>What ipip, sit and isatap carry.</summary>
    public InnerProtocol Inner { get; init; }

    /// <summary>What sit and isatap have beyond the others.</summary>
    public SitParameters Sit { get; init; } = SitParameters.Default;

    /// <summary>What tunnels over IPv6 have beyond the others.</summary>
    public IPv6TunnelParameters IPv6 { get; init; } = IPv6TunnelParameters.Default;

    /// <summary>The UDP header around all this; null for none.</summary>
    public EncapParameters? Encap { get; init; }

    /// <summary>What VXLAN has; null for the other modes.</summary>
    public VxlanParameters? Vxlan { get; init; }

    /// <summary>What an L2TP session has; null for the other modes.</summary>
    public L2tpParameters? L2tp { get; init; }
}

/// <summary>
/// What ipip, sit and isatap carry (the protocol of the kernel's <c>struct ip_tunnel_parm</c>, which netlink alone sets).
/// </summary>
public enum InnerProtocol
{
    /// <summary>What the mode's name says: IPv4 in ipip, IPv6 in sit and isatap.</summary>
    Own,

    /// <summary>IPv4, in sit too.</summary>
    IPv4,

    /// <summary>Whatever the module can: IPv4 and MPLS in ipip, in sit IPv6 as well.</summary>
    Any,
}

/// <summary>Optional fields of the GRE header, each way apart (RFC 2890). A key of null: the field is absent.</summary>
public sealed record GreParameters
{
    /// <summary>No field at all.</summary>
    public static GreParameters None { get; } = new();

    /// <summary>The key that arriving packets must have.</summary>
    public uint? InputKey { get; init; }

    /// <summary>The key of leaving packets.</summary>
    public uint? OutputKey { get; init; }

    /// <summary>Arriving packets must have a checksum, and a right one.</summary>
    public bool InputChecksum { get; init; }

    /// <summary>Leaving packets have a checksum.</summary>
    public bool OutputChecksum { get; init; }

    /// <summary>Arriving packets must be numbered, and none older than the last.</summary>
    public bool InputSequence { get; init; }

    /// <summary>Leaving packets are numbered, from 0.</summary>
    public bool OutputSequence { get; init; }
}

/// <summary>What sit and isatap have (<c>struct ip_tunnel_6rd</c>, <c>struct ip_tunnel_prl</c>).</summary>
public sealed record SitParameters
{
    /// <summary>6to4's prefix, and no router.</summary>
    public static SitParameters Default { get; } = new();

    /// <summary>The 6rd prefix; 2002:: for 6to4.</summary>
    public IPv6Address Prefix { get; init; } = new(new UInt128(0x2002UL << 48, 0));

    /// <summary>Its length in bits.</summary>
    public int PrefixLength { get; init; } = 16;

    /// <summary>The bits that all IPv4 addresses of the domain begin with, and that an inner address leaves out.</summary>
    public IPv4Address RelayPrefix { get; init; }

    /// <summary>Their number.</summary>
    public int RelayPrefixLength { get; init; }

    /// <summary>ISATAP's potential routers, in the order in which they were added.</summary>
    public IReadOnlyList<PotentialRouter> Routers { get; init; } = [];
}

/// <summary>A potential router of an ISATAP interface (RFC 5214, 8.3.2).</summary>
/// <param name="Address">Its address.</param>
/// <param name="IsDefault">Whether it may be a default router (PRL_DEFAULT).</param>
public readonly record struct PotentialRouter(IPv4Address Address, bool IsDefault);

/// <summary>What tunnels over IPv6 have (<c>struct ip6_tnl_parm2</c>).</summary>
public sealed record IPv6TunnelParameters
{
    /// <summary>An encapsulation limit of 4, and nothing else.</summary>
    public static IPv6TunnelParameters Default { get; } = new();

    /// <summary>Further tunnels that a packet may enter (RFC 2473, 4.1.1); null sends no such option.</summary>
    public byte? EncapLimit { get; init; } = 4;

    /// <summary>The outer header's flow label, 20 bits.</summary>
    public uint FlowLabel { get; init; }

    /// <summary>The flow label is the inner packet's.</summary>
    public bool InheritFlowLabel { get; init; }

    /// <summary>The traffic class is the inner packet's.</summary>
    public bool InheritTrafficClass { get; init; }

    /// <summary>The DSCP of an arriving outer packet goes into the inner one.</summary>
    public bool CopyDscp { get; init; }

    /// <summary>The remote address may be one of this host's own.</summary>
    public bool AllowLocalRemote { get; init; }
}

/// <summary>How the UDP header of foo-over-UDP is followed.</summary>
public enum EncapType
{
    /// <summary>By the packet of the tunnel's protocol at once (net/ipv4/fou_core.c).</summary>
    Fou,

    /// <summary>By a GUE header (draft-ietf-intarea-gue), then that packet.</summary>
    Gue,
}

/// <summary>Foo over UDP (the kernel's <c>struct ip_tunnel_encap</c>).</summary>
/// <param name="Type">What follows the UDP header.</param>
/// <param name="SourcePort">The source port; 0 takes one by the inner flow.</param>
/// <param name="DestinationPort">The port of the far end.</param>
/// <param name="Checksum">A UDP checksum over IPv4.</param>
/// <param name="Checksum6">A UDP checksum over IPv6.</param>
/// <param name="RemoteChecksum">GUE: the far end is to complete the inner checksum.</param>
public sealed record EncapParameters(
    EncapType Type, ushort SourcePort, ushort DestinationPort, bool Checksum = false, bool Checksum6 = true, bool RemoteChecksum = false);

/// <summary>What VXLAN has (<c>struct vxlan_config</c>). The tunnel's remote is the default destination, a group or a host.</summary>
public sealed record VxlanParameters
{
    /// <summary>The network's identifier, 24 bits.</summary>
    public uint Id { get; init; }

    /// <summary>The UDP port of all ends. The kernel's own default, not IANA's 4789.</summary>
    public ushort Port { get; init; } = 8472;

    /// <summary>The lowest source port.</summary>
    public ushort SourcePortMin { get; init; }

    /// <summary>The source port above the highest, as the kernel reads its range (udp_flow_src_port).</summary>
    public ushort SourcePortMax { get; init; }

    /// <summary>Whether these two make a range; otherwise it is the host's.</summary>
    public bool HasSourcePorts => SourcePortMin < SourcePortMax;

    /// <summary>Learn where an Ethernet address is from the packets that come from it.</summary>
    public bool Learning { get; init; } = true;

    /// <summary>Seconds until what was learnt is forgotten.</summary>
    public int Ageing { get; init; } = 300;

    /// <summary>The most entries that are learnt; 0 for no limit but Qanat's own.</summary>
    public int MaxAddresses { get; init; }

    /// <summary>The outer TTL is the inner packet's. Otherwise a TTL of 0 is the host's own, or 1 to a group.</summary>
    public bool InheritTtl { get; init; }

    /// <summary>Outer UDP over IPv4 has a checksum.</summary>
    public bool Checksum { get; init; } = true;

    /// <summary>Outer UDP over IPv6 has none (RFC 6935).</summary>
    public bool NoChecksum6Tx { get; init; }

    /// <summary>Outer UDP over IPv6 may have none.</summary>
    public bool NoChecksum6Rx { get; init; }
}

/// <summary>A session of L2TPv3 and the part of its tunnel that packets see (net/l2tp).</summary>
public sealed record L2tpParameters
{
    /// <summary>The tunnel's identifier, here.</summary>
    public uint TunnelId { get; init; }

    /// <summary>The session's identifier that arriving packets have.</summary>
    public uint SessionId { get; init; }

    /// <summary>The session's identifier that leaving packets have.</summary>
    public uint PeerSessionId { get; init; }

    /// <summary>Over UDP; otherwise over IP, protocol 115.</summary>
    public bool OverUdp { get; init; } = true;

    /// <summary>Our UDP port.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Theirs.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>UDP packets have a checksum.</summary>
    public bool UdpChecksum { get; init; }

    /// <summary>The cookie of leaving packets, 0, 4 or 8 bytes (<c>cookie</c>).</summary>
    public ReadOnlyMemory<byte> Cookie { get; init; }

    /// <summary>The cookie that arriving packets must have (<c>peer_cookie</c>).</summary>
    public ReadOnlyMemory<byte> PeerCookie { get; init; }

    /// <summary>Packets have the default L2-specific sublayer of four bytes (RFC 3931, 4.6).</summary>
    public bool L2SpecificSublayer { get; init; } = true;

    /// <summary>Leaving packets are numbered.</summary>
    public bool SendSequence { get; init; }

    /// <summary>Arriving packets must be numbered, and in order.</summary>
    public bool ReceiveSequence { get; init; }
}
