namespace Qanat.Packets;

/// <summary>EtherType numbers (IEEE 802, in host byte order). Values below 0x0600 are lengths of an LLC frame.</summary>
public enum EtherType : ushort
{
    /// <summary>IPv4 (RFC 894).</summary>
    IPv4 = 0x0800,

    /// <summary>ARP (RFC 826).</summary>
    Arp = 0x0806,

    /// <summary>Transparent Ethernet bridging: an Ethernet frame inside GRE.</summary>
    TransparentEthernet = 0x6558,

    /// <summary>An 802.1Q customer tag.</summary>
    Vlan = 0x8100,

    /// <summary>IPv6 (RFC 2464).</summary>
    IPv6 = 0x86DD,

    /// <summary>MPLS unicast (RFC 3032).</summary>
    Mpls = 0x8847,

    /// <summary>An 802.1ad service tag.</summary>
    ServiceVlan = 0x88A8,
}
