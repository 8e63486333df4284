using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// A TCP or UDP packet as the offloads see it: the whole packet from its IP header on, every length in it consistent with
/// the buffer and with each other.
/// </summary>
internal readonly ref struct TransportPacket
{
    private TransportPacket(ReadOnlySpan<byte> bytes, bool isV4, IpProtocol protocol, int offset, int headerLength)
    {
        Bytes = bytes;
        IsV4 = isV4;
        Protocol = protocol;
        Offset = offset;
        HeaderLength = headerLength;
    }

    /// <summary>The packet without what link padding follows it.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>IPv4 rather than IPv6.</summary>
    public bool IsV4 { get; }

    /// <summary>TCP or UDP.</summary>
    public IpProtocol Protocol { get; }

    /// <summary>TCP rather than UDP.</summary>
    public bool IsTcp => Protocol == IpProtocol.Tcp;

    /// <summary>Where the transport header begins.</summary>
    public int Offset { get; }

    /// <summary>Bytes of all headers, the transport's included.</summary>
    public int HeaderLength { get; }

    /// <summary>Bytes behind the headers.</summary>
    public int PayloadLength => Bytes.Length - HeaderLength;

    /// <summary>True when there is nothing between the fixed IP header and the transport: no IPv4 option, no extension header.</summary>
    public bool IsPlain => Offset == (IsV4 ? IPv4Header.MinSize : IPv6Header.Size);

    /// <summary>The transport header and the payload.</summary>
    public ReadOnlySpan<byte> Transport => Bytes[Offset..];

    /// <summary>Where the checksum is, from <see cref="Offset"/>.</summary>
    public int ChecksumOffset => IsTcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset;

    /// <summary>The transport checksum as it stands.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(Bytes[(Offset + ChecksumOffset)..]);

    /// <summary>The partial sum of the pseudo-header. With an IPv6 routing header it is not the one that the sender used.</summary>
    public uint PseudoHeaderSum => PseudoHeader(Bytes, IsV4, Protocol, Bytes.Length - Offset);

    /// <summary>Source and destination address, side by side as in the header of <paramref name="packet"/>.</summary>
    public static ReadOnlySpan<byte> Addresses(ReadOnlySpan<byte> packet, bool isV4) => isV4 ? packet[12..20] : packet[8..40];

    /// <summary>The partial sum of the pseudo-header that goes with the IP header of <paramref name="packet"/>.</summary>
    public static uint PseudoHeader(ReadOnlySpan<byte> packet, bool isV4, IpProtocol protocol, int length)
        => InternetChecksum.Fold(InternetChecksum.Sum(Addresses(packet, isV4)) + (uint)protocol + (uint)length);

    /// <summary>
    /// Finds the transport header of <paramref name="packet"/>. False for anything but a whole TCP or UDP packet whose lengths
    /// agree; <paramref name="isFragment"/> says that it is a part of a packet.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out TransportPacket transport, out bool isFragment)
    {
        transport = default;
        isFragment = false;
        if (IPv4Header.TryParse(packet, out var v4))
        {
            isFragment = v4.IsFragment;
            return !isFragment && TryParse(v4.Packet, true, v4.Protocol, v4.HeaderLength, out transport);
        }
        if (!IPv6Header.TryParse(packet, out var v6))
            return false;
        // Most packets have no extension header to walk over.
        if (v6.NextHeader is IpProtocol.Tcp or IpProtocol.Udp)
            return TryParse(v6.Packet, false, v6.NextHeader, IPv6Header.Size, out transport);
        if (!v6.TryWalk(out var chain))
            return false;
        isFragment = chain.HasFragmentHeader;
        return !isFragment && TryParse(v6.Packet, false, chain.Protocol, chain.Offset, out transport);
    }

    private static bool TryParse(ReadOnlySpan<byte> packet, bool isV4, IpProtocol protocol, int offset, out TransportPacket transport)
    {
        transport = default;
        var rest = packet[offset..];
        var headerLength = UdpHeader.Size;
        if (protocol == IpProtocol.Tcp)
        {
            if (!TcpHeader.TryParse(rest, out var tcp))
                return false;
            headerLength = tcp.HeaderLength;
        }
        else if (protocol != IpProtocol.Udp || !UdpHeader.TryParse(rest, out var udp) || udp.Length != rest.Length)
        {
            return false;
        }
        transport = new TransportPacket(packet, isV4, protocol, offset, offset + headerLength);
        return true;
    }
}
