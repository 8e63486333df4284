using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// Cuts a super-packet (TSO for TCP, USO for UDP) into the segments that it stands for, one at a time, into places that the
/// caller chooses: so a tunnel reserves room for its outer header and the segment together and writes both.
/// <code>
/// if (Segmenter.TryStart(packet, info, out var segmenter))
///     while (segmenter.NextLength > 0)
///     {
///         var segment = queue.Batch.Bytes(queue.Add(outerLength + segmenter.NextLength));
///         segmenter.WriteNext(segment[outerLength..]);
///         ... write the outer header into segment[..outerLength] ...
///     }
/// </code>
/// </summary>
/// <remarks>
/// As the kernel's tcp_gso_segment, __udp_gso_segment and inet_gso_segment do it: IPv4 Identification counts up; FIN and PSH
/// stay with the last segment alone, CWR with the first; a UDP checksum of 0 becomes 0xFFFF. IPv4 options, IPv6 extension
/// headers and TCP options are in every segment. Header sums are taken once; a segment costs its copy and a few additions.
/// </remarks>
public ref struct Segmenter
{
    private const int FlagsWord = 12;
    private const uint LastOnly = (uint)(TcpFlags.Fin | TcpFlags.Psh);
    private const uint FirstOnly = (uint)TcpFlags.Cwr;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _transport;
    private readonly int _headerLength;
    private readonly int _segmentSize;
    private readonly bool _isV4;
    private readonly bool _isTcp;

    // Sums over the headers with the fields that vary left out.
    private readonly uint _ipSum;
    private readonly uint _transportSum;
    private readonly ushort _identification;
    private readonly uint _sequence;
    private readonly uint _flags;

    private int _position;
    private ushort _index;

    private Segmenter(scoped in TransportPacket packet, int segmentSize)
    {
        _packet = packet.Bytes;
        _transport = packet.Offset;
        _headerLength = packet.HeaderLength;
        _segmentSize = segmentSize;
        _isV4 = packet.IsV4;
        _isTcp = packet.IsTcp;
        _position = _headerLength;
        SegmentCount = Math.Max(1, (packet.PayloadLength + segmentSize - 1) / segmentSize);

        if (_isV4)
        {
            _identification = (ushort)Word(4);
            _ipSum = InternetChecksum.Sum(_packet[.._transport]) + Without(Word(2)) + Without(_identification) + Without(Word(10));
        }
        // The checksum field stays in: it holds the pseudo-header's sum, with the length of the whole.
        _transportSum = InternetChecksum.Sum(_packet[_transport.._headerLength]) + Without((uint)(_packet.Length - _transport));
        if (_isTcp)
        {
            _sequence = BinaryPrimitives.ReadUInt32BigEndian(_packet[(_transport + 4)..]);
            _flags = Word(_transport + FlagsWord);
            _transportSum += Without(_sequence >> 16) + Without(_sequence) + Without(_flags);
        }
        else
        {
            _transportSum += Without(Word(_transport + 4));
        }
    }

    /// <summary>Segments that the packet gives, those already written included; at least 1.</summary>
    public int SegmentCount { get; }

    /// <summary>Bytes of the segment that <see cref="WriteNext"/> writes next, IP header included; 0 after the last.</summary>
    public readonly int NextLength => _index == SegmentCount ? 0 : _headerLength + Math.Min(_segmentSize, _packet.Length - _position);

    /// <summary>
    /// Begins to cut <paramref name="packet"/>. False, with nothing to be written, when it cannot be cut: no segmentation is
    /// asked for, or that of a tunnel's contents, or the segment size is 0; the checksum is not partial or not where the
    /// transport's is; the packet is not what the type says, is a fragment, or its lengths do not agree with its bytes.
    /// </summary>
    /// <param name="packet">The super-packet from its IP header on; it must stay as it is until the last segment is written.</param>
    /// <param name="info">Its offload facts.</param>
    /// <param name="segmenter">Writes the segments.</param>
    public static bool TryStart(ReadOnlySpan<byte> packet, scoped in PacketInfo info, out Segmenter segmenter)
    {
        segmenter = default;
        if (info.GsoSize == 0 || info.Checksum != ChecksumState.Partial || info.GsoTunnel != GsoTunnel.None ||
            !TransportPacket.TryParse(packet, out var transport, out _) || transport.Bytes.Length != packet.Length ||
            info.ChecksumStart != transport.Offset || info.ChecksumOffset != transport.ChecksumOffset)
            return false;
        var fits = info.Gso switch
        {
            GsoType.TcpV4 => transport.IsTcp && transport.IsV4,
            GsoType.TcpV6 => transport.IsTcp && !transport.IsV4,
            GsoType.UdpL4 => !transport.IsTcp,
            _ => false,
        };
        if (!fits)
            return false;
        segmenter = new Segmenter(transport, info.GsoSize);
        return true;
    }

    /// <summary>Writes the next segment, complete with its checksums, to the start of <paramref name="destination"/>.</summary>
    /// <returns>The bytes written: what <see cref="NextLength"/> was.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than that.</exception>
    public int WriteNext(Span<byte> destination)
    {
        var length = NextLength;
        if (length == 0)
            return 0;
        var segment = destination[..length];
        var payload = length - _headerLength;
        _packet[.._headerLength].CopyTo(segment);
        var sum = InternetChecksum.CopyAndSum(_packet.Slice(_position, payload), segment[_headerLength..]);

        if (_isV4)
            WriteIPv4(segment);
        else
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(length - IPv6Header.Size));
        if (_isTcp)
            WriteTcp(segment[_transport..], sum);
        else
            WriteUdp(segment[_transport..], sum);

        _position += payload;
        _index++;
        return length;
    }

    /// <summary>
    /// Writes all segments that are left into <paramref name="queue"/>, each behind <paramref name="headroom"/> bytes. The
    /// queue may send meanwhile, so the super-packet must not lie in its batch.
    /// </summary>
    /// <returns>How many were written: fewer than there are only when one is larger than the whole batch.</returns>
    public int WriteAll(PacketQueue queue, int headroom = PacketBatch.DefaultHeadroom)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var written = 0;
        for (int place; NextLength > 0 && (place = queue.Add(NextLength, headroom)) >= 0; written++)
            WriteNext(queue.Batch.Bytes(place));
        return written;
    }

    private readonly void WriteIPv4(Span<byte> segment)
    {
        var identification = (ushort)(_identification + _index);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment[4..], identification);
        BinaryPrimitives.WriteUInt16BigEndian(segment[10..], InternetChecksum.Finish(_ipSum + (uint)segment.Length + identification));
    }

    private readonly void WriteTcp(Span<byte> segment, uint payloadSum)
    {
        var sequence = _sequence + (uint)(_position - _headerLength);
        var flags = _flags;
        if (_index != 0)
            flags &= ~FirstOnly;
        if (_index != SegmentCount - 1)
            flags &= ~LastOnly;
        var sum = _transportSum + (uint)segment.Length + (sequence >> 16) + (ushort)sequence + flags + payloadSum;
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(segment[FlagsWord..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], InternetChecksum.Finish(sum));
    }

    private readonly void WriteUdp(Span<byte> segment, uint payloadSum)
    {
        // The length counts twice: in the header and in the pseudo-header.
        var checksum = InternetChecksum.Finish(_transportSum + 2 * (uint)segment.Length + payloadSum);
        BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment[UdpHeader.ChecksumOffset..], checksum != 0 ? checksum : ushort.MaxValue);
    }

    private readonly uint Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_packet[offset..]);

    // What to add to a sum to take a 16-bit word out of it.
    private static uint Without(uint word) => (ushort)~word;
}
