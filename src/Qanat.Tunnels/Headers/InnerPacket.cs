using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// What a tunnel carries, as far as its outer header is made by it: a network packet, or an Ethernet frame with one inside.
/// </summary>
internal readonly ref struct InnerPacket
{
    /// <summary>The default of a host (net.ipv4.ip_default_ttl), for what has no TTL to inherit.</summary>
    private const byte DefaultTtl = 64;

    private InnerPacket(ReadOnlySpan<byte> bytes, int network, EtherType protocol)
    {
        Bytes = bytes;
        Network = network;
        Protocol = protocol;
        TimeToLive = DefaultTtl;
    }

    /// <summary>All of it, an Ethernet header included.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Bytes in front of the network header: those of the Ethernet header, or 0.</summary>
    public int Network { get; }

    /// <summary>What the network packet is.</summary>
    public EtherType Protocol { get; }

    /// <summary>The network packet.</summary>
    public ReadOnlySpan<byte> Packet => Bytes[Network..];

    /// <summary>Whether it is a valid packet of IPv4 or IPv6, and so has what follows.</summary>
    public bool IsIp => IsIPv4 || IsIPv6;

    /// <summary>Whether it is a valid IPv4 packet.</summary>
    public bool IsIPv4 { get; private init; }

    /// <summary>Whether it is a valid IPv6 packet.</summary>
    public bool IsIPv6 { get; private init; }

    /// <summary>TOS or traffic class; 0 for what is not IP.</summary>
    public byte TypeOfService { get; private init; }

    /// <summary>TTL or hop limit; a host's default for what is not IP.</summary>
    public byte TimeToLive { get; private init; }

    /// <summary>The DF bit of IPv4.</summary>
    public bool DontFragment { get; private init; }

    /// <summary>The flow label of IPv6.</summary>
    public uint FlowLabel { get; private init; }

    /// <summary>Where the sum of a checksum that the sender left to the device begins, from the first of all bytes; 0 for none.</summary>
    public int ChecksumStart { get; private init; }

    /// <summary>Where it comes from.</summary>
    public IpAddress Source { get; private init; }

    /// <summary>Where it goes.</summary>
    public IpAddress Destination { get; private init; }

    /// <summary>
    /// Views what a device handed over. False for a frame shorter than its header, and for a packet that says it is IP and
    /// is not; inside a frame that is none of our business.
    /// </summary>
    /// <param name="bytes">The packet or frame.</param>
    /// <param name="isFrame">Whether it begins with an Ethernet header.</param>
    /// <param name="info">What is known beside it: what it is, 0 where the packet tells, and whether a checksum is partial.</param>
    /// <param name="inner">The view.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, bool isFrame, scoped in PacketInfo info, out InnerPacket inner)
    {
        inner = default;
        if (bytes.IsEmpty)
            return false;
        var (network, protocol) = (0, info.Protocol);
        if (isFrame)
        {
            if (!EthernetHeader.TryParse(bytes, out var frame))
                return false;
            (network, protocol) = (frame.HeaderLength, frame.EtherType);
        }
        else if (protocol == 0)
        {
            protocol = ProtocolOf(bytes[0]);
        }
        var checksum = info.Checksum == ChecksumState.Partial ? info.ChecksumStart : 0;
        inner = new(bytes, network, protocol);
        if (protocol == EtherType.IPv4 && IPv4Header.TryParse(inner.Packet, out var ipv4))
            inner = new(bytes, network, protocol)
            {
                IsIPv4 = true,
                TypeOfService = ipv4.TypeOfService,
                TimeToLive = ipv4.TimeToLive,
                DontFragment = ipv4.DontFragment,
                ChecksumStart = checksum,
                Source = ipv4.Source,
                Destination = ipv4.Destination,
            };
        else if (protocol == EtherType.IPv6 && IPv6Header.TryParse(inner.Packet, out var ipv6))
            inner = new(bytes, network, protocol)
            {
                IsIPv6 = true,
                TypeOfService = ipv6.TrafficClass,
                TimeToLive = ipv6.HopLimit,
                FlowLabel = ipv6.FlowLabel,
                ChecksumStart = checksum,
                Source = ipv6.Source,
                Destination = ipv6.Destination,
            };
        return isFrame || inner.IsIp || protocol is not (EtherType.IPv4 or EtherType.IPv6);
    }

    /// <summary>What a packet is by its first byte, the IP version in its upper half; 0 when that is none.</summary>
    public static EtherType ProtocolOf(byte firstByte) => (firstByte >> 4) switch
    {
        4 => EtherType.IPv4,
        6 => EtherType.IPv6,
        _ => 0,
    };
}
