using System.Text.Json.Serialization;

namespace Qanat.Daemon.Api;

/// <summary>A tunnel as a user describes it: the body of <c>POST /v1/tunnels</c> and <c>PUT /v1/tunnels/{name}</c>.</summary>
/// <remarks>The members can be set, not only initialised, because the JSON reader keeps their defaults in that case alone.</remarks>
public sealed record TunnelSpec
{
    /// <summary>The device's name; empty asks for the next free one of the mode (<c>ipip0</c>). A <c>%d</c> is filled in.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The mode: <c>ipip</c>, <c>gre</c>, <c>gretap</c>, <c>sit</c>, <c>isatap</c>, <c>vti</c>, <c>minimal</c>, <c>ip6ip6</c>,
    /// <c>ipip6</c>, <c>ip6any</c>, <c>ip6gre</c>, <c>ip6gretap</c>, <c>vti6</c>, <c>vxlan</c> or <c>l2tp</c>.
    /// </summary>
    public required string Mode { get; set; }

    /// <summary>The far end, an address of the outer header's family or <c>any</c>.</summary>
    public string Remote { get; set; } = "any";

    /// <summary>Our end, an address of the outer header's family or <c>any</c>.</summary>
    public string Local { get; set; } = "any";

    /// <summary>Outer TTL or hop limit, 0 to inherit.</summary>
    public byte Ttl { get; set; }

    /// <summary>Outer TOS, of which bit 0 inherits; over IPv6 the traffic class.</summary>
    public byte Tos { get; set; }

    /// <summary>DF on every outer header.</summary>
    public bool Pmtudisc { get; set; } = true;

    /// <summary>The inner packet's DF counts for nothing.</summary>
    public bool IgnoreDf { get; set; }

    /// <summary>Name of the underlay interface it is bound to, if any.</summary>
    public string? Dev { get; set; }

    /// <summary>Mark for the routes of outer packets (<c>fwmark</c>), 0 for none.</summary>
    public uint Mark { get; set; }

    /// <summary>The fields of the GRE header, and the keys of vti; null for none of them.</summary>
    public GreSpec? Gre { get; set; }

    /// <summary>
    /// What ipip, sit and isatap carry: <c>any</c> or, in sit, <c>ipip</c> for IPv4; null for what the mode's name says.
    /// </summary>
    public string? Inner { get; set; }

    /// <summary>What sit and isatap have beyond the others; null for 6to4 and no routers.</summary>
    public SitSpec? Sit { get; set; }

    /// <summary>What tunnels over IPv6 have beyond the others; null for the defaults.</summary>
    [JsonPropertyName("ipv6")]
    public IPv6TunnelSpec? IPv6 { get; set; }

    /// <summary>The UDP header around all this; null for none.</summary>
    public EncapSpec? Encap { get; set; }

    /// <summary>What VXLAN needs.</summary>
    public VxlanSpec? Vxlan { get; set; }

    /// <summary>What a session of L2TP needs.</summary>
    public L2tpSpec? L2tp { get; set; }
}

/// <summary>Optional fields of the GRE header, each way apart; a key that is null is absent.</summary>
public sealed record GreSpec
{
    /// <summary>The key that arriving packets must have.</summary>
    public uint? InputKey { get; set; }

    /// <summary>The key of leaving packets.</summary>
    public uint? OutputKey { get; set; }

    /// <summary>Arriving packets must have a checksum.</summary>
    public bool InputChecksum { get; set; }

    /// <summary>Leaving packets have a checksum.</summary>
    public bool OutputChecksum { get; set; }

    /// <summary>Arriving packets must be numbered, and in order.</summary>
    public bool InputSequence { get; set; }

    /// <summary>Leaving packets are numbered.</summary>
    public bool OutputSequence { get; set; }
}

/// <summary>6rd's prefixes and ISATAP's potential routers.</summary>
public sealed record SitSpec
{
    /// <summary>The 6rd prefix, with its length; 6to4's when none was set.</summary>
    public string Prefix { get; set; } = "2002::/16";

    /// <summary>What the IPv4 addresses of the 6rd domain begin with.</summary>
    public string RelayPrefix { get; set; } = "0.0.0.0/0";

    /// <summary>The potential routers.</summary>
    public IReadOnlyList<RouterSpec> Routers { get; set; } = [];
}

/// <summary>A potential router of an ISATAP tunnel.</summary>
public sealed record RouterSpec
{
    /// <summary>Its IPv4 address.</summary>
    public required string Address { get; set; }

    /// <summary>Whether it may be a default router.</summary>
    public bool Default { get; set; }
}

/// <summary>What tunnels over IPv6 have beyond the others.</summary>
public sealed record IPv6TunnelSpec
{
    /// <summary>The encapsulation limit, 0 to 255; null sends none.</summary>
    public byte? EncapLimit { get; set; }

    /// <summary>The flow label, 20 bits.</summary>
    public uint FlowLabel { get; set; }

    /// <summary>The flow label is the inner packet's.</summary>
    public bool InheritFlowLabel { get; set; }

    /// <summary>The traffic class is the inner packet's.</summary>
    public bool InheritTrafficClass { get; set; }

    /// <summary>The DSCP of arriving outer packets goes into the inner ones.</summary>
    public bool CopyDscp { get; set; }

    /// <summary>The remote address may be one of this host's own.</summary>
    public bool AllowLocalRemote { get; set; }
}

/// <summary>Foo over UDP around a tunnel.</summary>
public sealed record EncapSpec
{
    /// <summary><c>fou</c> or <c>gue</c>.</summary>
    public required string Type { get; set; }

    /// <summary>The source port, 0 to take one by the inner flow.</summary>
    public ushort SourcePort { get; set; }

    /// <summary>The far end's port.</summary>
    public ushort DestinationPort { get; set; }

    /// <summary>UDP over IPv4 has a checksum.</summary>
    public bool Checksum { get; set; }

    /// <summary>UDP over IPv6 has a checksum.</summary>
    public bool Checksum6 { get; set; } = true;

    /// <summary>GUE: the far end completes the inner checksum.</summary>
    public bool RemoteChecksum { get; set; }
}

/// <summary>A VXLAN network; its default destination is the tunnel's remote.</summary>
public sealed record VxlanSpec
{
    /// <summary>The network's identifier, 24 bits.</summary>
    public uint Id { get; set; }

    /// <summary>The UDP port.</summary>
    public ushort Port { get; set; } = 8472;

    /// <summary>The lowest source port; 0 for the host's range.</summary>
    public ushort SourcePortMin { get; set; }

    /// <summary>The highest.</summary>
    public ushort SourcePortMax { get; set; }

    /// <summary>The outer TTL is the inner packet's. Otherwise a TTL of 0 is the host's own, or 1 to a group.</summary>
    public bool InheritTtl { get; set; }

    /// <summary>Learn Ethernet addresses.</summary>
    public bool Learning { get; set; } = true;

    /// <summary>Seconds until what was learnt is forgotten.</summary>
    public int Ageing { get; set; } = 300;

    /// <summary>The most addresses that are learnt, 0 for no limit but Qanat's own.</summary>
    public int MaxAddresses { get; set; }

    /// <summary>UDP over IPv4 has a checksum.</summary>
    public bool Checksum { get; set; } = true;

    /// <summary>UDP over IPv6 has none.</summary>
    public bool NoChecksum6Tx { get; set; }

    /// <summary>UDP over IPv6 may arrive with none.</summary>
    public bool NoChecksum6Rx { get; set; }
}

/// <summary>A session of L2TPv3. Its tunnel is one of <c>/v1/l2tp/tunnels</c>.</summary>
public sealed record L2tpSpec
{
    /// <summary>The tunnel's identifier.</summary>
    public uint TunnelId { get; set; }

    /// <summary>
    /// What carries the tunnel, <c>udp</c> or <c>ip</c>. This and the next three are the tunnel's, which alone sets them.
    /// </summary>
    public string Encap { get; set; } = "udp";

    /// <summary>The tunnel's UDP port here; 0 over IP.</summary>
    public ushort SourcePort { get; set; }

    /// <summary>Its UDP port at the peer; 0 over IP.</summary>
    public ushort DestinationPort { get; set; }

    /// <summary>Whether its UDP packets have a checksum.</summary>
    public bool UdpChecksum { get; set; }

    /// <summary>Our identifier of the session.</summary>
    public uint SessionId { get; set; }

    /// <summary>The peer's identifier of it.</summary>
    public uint PeerSessionId { get; set; }

    /// <summary>The cookie of leaving packets, 8 or 16 hexadecimal digits.</summary>
    public string? Cookie { get; set; }

    /// <summary>The cookie that arriving packets must have.</summary>
    public string? PeerCookie { get; set; }

    /// <summary>The L2-specific sublayer: <c>default</c> or <c>none</c>.</summary>
    public string L2SpecificType { get; set; } = "default";

    /// <summary>Which way packets are numbered: <c>none</c>, <c>send</c>, <c>recv</c> or <c>both</c>.</summary>
    public string Sequence { get; set; } = "none";
}
