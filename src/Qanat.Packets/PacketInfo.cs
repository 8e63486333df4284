namespace Qanat.Packets;

/// <summary>How a packet that is larger than the link is to be cut into segments (virtio-net's numbers).</summary>
public enum GsoType : byte
{
    /// <summary>One packet, as it stands.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    TcpV4 = 1,

    /// <summary>TCP over IPv6.</summary>
    TcpV6 = 4,

    /// <summary>UDP datagrams of one size (USO), over IPv4 or IPv6.</summary>
    UdpL4 = 5,
}

/// <summary>The UDP tunnel (VXLAN, Geneve) around the packet that is to be cut (virtio-net's numbers).</summary>
public enum GsoTunnel : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Over IPv4.</summary>
    IPv4 = 0x20,

    /// <summary>Over IPv6.</summary>
    IPv6 = 0x40,
}

/// <summary>What is known of a packet's transport checksum.</summary>
public enum ChecksumState : byte
{
    /// <summary>Nothing: the field holds what the sender wrote.</summary>
    Unknown = 0,

    /// <summary>The field holds the folded pseudo-header sum, not complemented; the rest is still to be added (NEEDS_CSUM).</summary>
    Partial = 1,

    /// <summary>Verified already (DATA_VALID).</summary>
    Valid = 2,
}

/// <summary>
/// A packet's place in its batch, and its offload facts. Positions are in bytes; <see cref="Start"/> counts from the
/// beginning of the batch's memory, the checksum positions from the packet's first byte.
/// </summary>
public struct PacketInfo
{
    /// <summary>Offset of the first byte in the batch's memory.</summary>
    public int Start;

    /// <summary>Bytes of the packet.</summary>
    public int Length;

    /// <summary>The lowest value that <see cref="Start"/> may take: where the packet's headroom begins.</summary>
    public int Floor;

    /// <summary>The interface that the packet came in on, or that it must leave by; 0 leaves it to the routes.</summary>
    public int Link;

    /// <summary>The mark that its route is looked up with on its way out (SO_MARK); 0 for none.</summary>
    public uint Mark;

    /// <summary>What the packet is, where the port says it beside the packet; 0 where the packet itself tells.</summary>
    public EtherType Protocol;

    /// <summary>Payload bytes of a segment when <see cref="Gso"/> is set.</summary>
    public ushort GsoSize;

    /// <summary>Where the checksummed bytes begin (the transport header), when the checksum is partial.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the checksum field is, from <see cref="ChecksumStart"/>.</summary>
    public ushort ChecksumOffset;

    /// <summary>The kind of segmentation that is still to be done.</summary>
    public GsoType Gso;

    /// <summary>What is known of the transport checksum.</summary>
    public ChecksumState Checksum;

    /// <summary>
    /// True when the packet must leave whole or not at all, whatever is known of its path: IPv6 has no flag for it, and a payload
    /// without its headers none at all.
    /// </summary>
    public bool DontFragment;

    /// <summary>True when the TCP segments carry ECN's CWR on the first alone (VIRTIO_NET_HDR_GSO_ECN).</summary>
    public bool GsoEcn;

    /// <summary>The tunnel that every segment is to be wrapped in again; the checksum positions are then the inner packet's.</summary>
    public GsoTunnel GsoTunnel;

    /// <summary>True when the tunnel's UDP header has a checksum, which each segment needs too.</summary>
    public bool GsoTunnelChecksum;

    /// <summary>TOS or traffic class of the outer header, where there is none with the packet; 0 where the packet itself tells.</summary>
    public byte TrafficClass;

    /// <summary>Where the tunnel's UDP header begins, when <see cref="GsoTunnel"/> is set.</summary>
    public ushort OuterTransport;

    /// <summary>Where the inner packet's IP header begins, when <see cref="GsoTunnel"/> is set.</summary>
    public ushort InnerNetwork;
}
