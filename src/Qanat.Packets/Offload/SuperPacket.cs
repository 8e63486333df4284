using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// A packet in the coalescer's batch that may still grow: its first segment's headers stand in front of the payloads, and
/// here is what the next segment must have to follow. The rules are those of the kernel's inet_gro_receive,
/// ipv6_gro_receive, tcp_gro_receive and udp_gro_receive_segment.
/// </summary>
/// <remarks>
/// Methods take <c>bytes</c>, the packet's place in the batch with all the room that it may grow into, and <c>next</c>, a
/// packet for which <see cref="MayGrow"/> is true.
/// </remarks>
internal struct SuperPacket
{
    /// <summary>The most datagrams that one UDP packet stands for (the kernel's UDP_GRO_CNT_MAX).</summary>
    private const int MaxDatagrams = 64;

    private readonly bool _isV4;
    private readonly bool _isTcp;
    private readonly int _transport;
    private readonly int _segmentSize;
    private readonly uint _constantSum;
    private uint _nextSequence;
    private bool _fixedIdentification;

    /// <summary>Begins with <paramref name="first"/>, which is the batch's packet <paramref name="index"/>.</summary>
    /// <param name="first">The first segment.</param>
    /// <param name="index">Where it is in the batch.</param>
    /// <param name="room">The most bytes that it may grow to.</param>
    /// <param name="linkLength">Bytes of the Ethernet header in front of it.</param>
    public SuperPacket(scoped in TransportPacket first, int index, int room, int linkLength)
    {
        LinkLength = linkLength;
        Index = index;
        Room = room;
        Length = first.Bytes.Length;
        Count = 1;
        _isV4 = first.IsV4;
        _isTcp = first.IsTcp;
        _transport = first.Offset;
        HeaderLength = first.HeaderLength;
        _segmentSize = first.PayloadLength;
        if (!_isTcp)
            return;
        var tcp = first.Transport[..(HeaderLength - _transport)];
        _nextSequence = Sequence(tcp) + (uint)_segmentSize;
        _constantSum = first.PseudoHeaderSum + InternetChecksum.Sum(tcp) + InternetChecksum.Negate(ChangingSum(tcp));
    }

    /// <summary>Where it is in the batch.</summary>
    public readonly int Index { get; }

    /// <summary>The most bytes that it may have.</summary>
    public readonly int Room { get; }

    /// <summary>Bytes of the Ethernet header, which stands in the headroom until the packet is finished.</summary>
    public readonly int LinkLength { get; }

    /// <summary>Bytes until now.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of each segment's headers, the Ethernet header apart.</summary>
    public readonly int HeaderLength { get; }

    /// <summary>Segments in it.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// True for a packet that others may follow or that may follow others: no IP options, a payload, an IPv4 header whose
    /// checksum is right; TCP with no control bit but ACK and PSH, UDP with a checksum.
    /// </summary>
    public static bool MayGrow(scoped in TransportPacket packet)
    {
        if (!packet.IsPlain || packet.PayloadLength == 0)
            return false;
        if (packet.IsV4 && !InternetChecksum.IsValid(InternetChecksum.Sum(packet.Bytes[..IPv4Header.MinSize])))
            return false;
        return packet.IsTcp ? (Flags(packet.Transport) & ~TcpFlags.Psh) == TcpFlags.Ack : packet.Checksum != 0;
    }

    /// <summary>True for a TCP packet that asks to be passed on at once.</summary>
    public static bool IsPushed(scoped in TransportPacket packet) => packet.IsTcp && (Flags(packet.Transport) & TcpFlags.Psh) != 0;

    /// <summary>True when <paramref name="packet"/> has the same protocol, addresses and ports.</summary>
    public readonly bool IsSameFlow(scoped ReadOnlySpan<byte> bytes, scoped in TransportPacket packet)
        => packet.IsTcp == _isTcp && packet.IsV4 == _isV4 &&
            bytes.Slice(_transport, 4).SequenceEqual(packet.Transport[..4]) &&
            TransportPacket.Addresses(bytes, _isV4).SequenceEqual(TransportPacket.Addresses(packet.Bytes, _isV4));

    /// <summary>True when <paramref name="next"/>, of the same flow, may stand behind what is here.</summary>
    public readonly bool Accepts(scoped ReadOnlySpan<byte> bytes, scoped in TransportPacket next)
        => next.PayloadLength <= _segmentSize && Length + next.PayloadLength <= Room && next.HeaderLength == HeaderLength &&
            (_isV4 ? AcceptsIPv4(bytes, next.Bytes) : AcceptsIPv6(bytes, next.Bytes)) &&
            (!_isTcp || AcceptsTcp(bytes[_transport..HeaderLength], next.Transport));

    /// <summary>
    /// True when <paramref name="next"/>, any packet, is a TCP segment of the same flow that may stand behind what is here, and is as
    /// long as the first: what most packets are, and what is soon found out, since its headers need only be the first's but for what
    /// counts on.
    /// </summary>
    public readonly bool IsFollowedBy(scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> next)
        => _isTcp && next.Length == HeaderLength + _segmentSize && Length + _segmentSize <= Room &&
            (_isV4 ? HasSameIPv4(bytes, next) : bytes[..IPv6Header.Size].SequenceEqual(next[..IPv6Header.Size])) &&
            HasSameTcp(bytes[_transport..HeaderLength], next[_transport..HeaderLength]);

    /// <summary>The partial sum over pseudo-header and TCP header of a packet for which <see cref="IsFollowedBy"/> is true.</summary>
    public readonly uint HeaderSum(scoped ReadOnlySpan<byte> next) => _constantSum + ChangingSum(next[_transport..]);

    /// <summary>Takes <paramref name="next"/> in, whose payload has been copied behind the last one.</summary>
    /// <returns>True when nothing may follow it: it was pushed, is shorter than the others, or the packet is full.</returns>
    public bool Take(scoped Span<byte> bytes, scoped ReadOnlySpan<byte> next)
    {
        var payload = next.Length - HeaderLength;
        if (_isV4 && Count == 1)
            _fixedIdentification = Identification(bytes) == Identification(next);
        Length += payload;
        Count++;
        _nextSequence += (uint)payload;
        if (!_isTcp)
            return payload < _segmentSize || Count == MaxDatagrams;
        var pushed = (Flags(next[_transport..]) & TcpFlags.Psh) != 0;
        if (pushed)
            bytes[_transport + 13] |= (byte)TcpFlags.Psh;
        return pushed || payload < _segmentSize;
    }

    /// <summary>
    /// Makes the headers those of the whole, with a partial checksum, and says in <paramref name="info"/> how to cut it. A
    /// single segment stays as it came.
    /// </summary>
    public readonly void Finish(scoped Span<byte> bytes, ref PacketInfo info)
    {
        if (Count == 1)
            return;
        var packet = bytes[..Length];
        var transport = packet[_transport..];
        var protocol = _isTcp ? IpProtocol.Tcp : IpProtocol.Udp;
        if (_isV4)
            IPv4Header.SetTotalLength(packet, Length);
        else
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(Length - IPv6Header.Size));
        if (!_isTcp)
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transport.Length);

        info.Gso = !_isTcp ? GsoType.UdpL4 : _isV4 ? GsoType.TcpV4 : GsoType.TcpV6;
        info.GsoSize = (ushort)_segmentSize;
        info.GsoEcn = false;
        info.Checksum = ChecksumState.Partial;
        info.ChecksumStart = (ushort)_transport;
        info.ChecksumOffset = (ushort)(_isTcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset);
        var pseudoHeader = TransportPacket.PseudoHeader(packet, _isV4, protocol, transport.Length);
        BinaryPrimitives.WriteUInt16BigEndian(transport[info.ChecksumOffset..], (ushort)pseudoHeader);
    }

    // TOS, flags (DF among them) and TTL as in the first.
    private readonly bool AcceptsIPv4(scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> next)
        => bytes[1] == next[1] && bytes[8] == next[8] && bytes[6..8].SequenceEqual(next[6..8]) && AcceptsIdentification(bytes, next);

    // It counts up, or with DF stays, as the second decides.
    private readonly bool AcceptsIdentification(scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> next)
    {
        var step = (ushort)(Identification(next) - Identification(bytes));
        var mayStay = Count == 1 ? (bytes[6] & 0x40) != 0 : _fixedIdentification;
        return mayStay && step == 0 || !(Count > 1 && _fixedIdentification) && step == Count;
    }

    // Version, traffic class and flow label; hop limit.
    private static bool AcceptsIPv6(scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> next)
        => bytes[..4].SequenceEqual(next[..4]) && bytes[7] == next[7];

    // In sequence; acknowledgement number, data offset, window and options as in the first. MayGrow has seen to the flags.
    private readonly bool AcceptsTcp(scoped ReadOnlySpan<byte> header, scoped ReadOnlySpan<byte> next)
        => Sequence(next) == _nextSequence &&
            header[8..13].SequenceEqual(next[8..13]) &&
            header[14..16].SequenceEqual(next[14..16]) &&
            header[TcpHeader.MinSize..].SequenceEqual(next[TcpHeader.MinSize..header.Length]);

    // Version, IHL, TOS and length; flags, TTL and protocol; addresses. The checksum makes up for the identification.
    private readonly bool HasSameIPv4(scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> next)
        => BinaryPrimitives.ReadUInt32BigEndian(bytes) == BinaryPrimitives.ReadUInt32BigEndian(next) &&
            BinaryPrimitives.ReadUInt32BigEndian(bytes[6..]) == BinaryPrimitives.ReadUInt32BigEndian(next[6..]) &&
            BinaryPrimitives.ReadUInt64BigEndian(bytes[12..]) == BinaryPrimitives.ReadUInt64BigEndian(next[12..]) &&
            AcceptsIdentification(bytes, next) &&
            InternetChecksum.Fold((uint)Identification(bytes) + HeaderChecksum(bytes)) ==
            InternetChecksum.Fold((uint)Identification(next) + HeaderChecksum(next));

    // Ports; acknowledgement number, data offset, flags (PSH may be new) and window; urgent pointer and options.
    private readonly bool HasSameTcp(scoped ReadOnlySpan<byte> header, scoped ReadOnlySpan<byte> next)
        => Sequence(next) == _nextSequence &&
            BinaryPrimitives.ReadUInt32BigEndian(header) == BinaryPrimitives.ReadUInt32BigEndian(next) &&
            BinaryPrimitives.ReadUInt64BigEndian(header[8..]) ==
            (BinaryPrimitives.ReadUInt64BigEndian(next[8..]) & ~((ulong)TcpFlags.Psh << 16)) &&
            header[18..].SequenceEqual(next[18..]);

    // Sequence number, flags and checksum: what differs from segment to segment.
    private static uint ChangingSum(scoped ReadOnlySpan<byte> tcp)
    {
        var sequence = Sequence(tcp);
        return (sequence >> 16) + (ushort)sequence + BinaryPrimitives.ReadUInt16BigEndian(tcp[12..]) +
            BinaryPrimitives.ReadUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..]);
    }

    private static uint Sequence(scoped ReadOnlySpan<byte> tcp) => BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]);

    private static TcpFlags Flags(scoped ReadOnlySpan<byte> tcp) => (TcpFlags)(BinaryPrimitives.ReadUInt16BigEndian(tcp[12..]) & 0x1FF);

    private static ushort Identification(scoped ReadOnlySpan<byte> ip) => BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);

    private static ushort HeaderChecksum(scoped ReadOnlySpan<byte> ip) => BinaryPrimitives.ReadUInt16BigEndian(ip[10..]);
}
