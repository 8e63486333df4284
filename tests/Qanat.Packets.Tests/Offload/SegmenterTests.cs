using System.Buffers.Binary;
using Xunit;

namespace Qanat.Packets.Tests.Offload;

public sealed class SegmenterTests : IDisposable
{
    private const int Size = 1000;
    private static readonly byte[] _timestamps = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];

    private readonly KeepingPort _port = new();
    private readonly PacketBatch _batch = new(capacity: 8, size: 1 << 20);

    public void Dispose() => _batch.Dispose();

    public static TheoryData<bool, bool> Kinds => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_are_byte_for_byte_what_naive_code_writes(bool isV4, bool isTcp)
    {
        foreach (var length in (int[])[0, 1, Size - 1, Size, Size + 1, 2 * Size, 7 * Size + 13, 60_000])
        {
            var whole = new TestSegment
            {
                IsV4 = isV4,
                IsTcp = isTcp,
                TcpOptions = isTcp ? _timestamps : [],
                Payload = TestSegment.Bytes(length, length),
                SequenceNumber = uint.MaxValue - 1500,
                Identification = 0xFFFE,
                TrafficClass = 0x2A,
            };
            Assert.Equal(whole.Cut(Size), Segment(whole, Size));
        }
    }

    [Fact]
    public void Fin_and_psh_stay_with_the_last_and_cwr_with_the_first()
    {
        var whole = new TestSegment
        {
            Payload = TestSegment.Bytes(3 * Size, 1),
            Flags = TcpFlags.Ack | TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Cwr | TcpFlags.Ece,
        };
        var segments = Segment(whole, Size);
        Assert.Equal(whole.Cut(Size), segments);
        Assert.Equal([TcpFlags.Ack | TcpFlags.Cwr | TcpFlags.Ece, TcpFlags.Ack | TcpFlags.Ece,
            TcpFlags.Ack | TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Ece], segments.Select(s => (TcpFlags)s[33]));
    }

    [Fact]
    public void Options_of_ip_and_extension_headers_are_in_every_segment()
    {
        var payload = TestSegment.Bytes(2500, 1);
        var options = new TestSegment { IpOptions = [7, 7, 4, 0, 0, 0, 0, 0], Payload = payload };
        Assert.Equal(options.Cut(Size), Segment(options, Size));
        var extended = new TestSegment { IsV4 = false, ExtensionHeader = [0, 0, 1, 4, 0, 0, 0, 0], Payload = payload };
        Assert.Equal(extended.Cut(Size), Segment(extended, Size));
        Assert.All(_port.Sent, sent => Assert.True(TestSegment.IsRight(sent.Packet)));
    }

    [Fact]
    public void A_udp_checksum_of_zero_becomes_ffff()
    {
        // The first word of the payload is chosen so that the checksum comes out as zero.
        var datagram = new TestSegment { IsTcp = false, Payload = new byte[64] };
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(datagram.Build().AsSpan(26));
        BinaryPrimitives.WriteUInt16BigEndian(datagram.Payload, checksum);
        var segment = Assert.Single(Segment(datagram, 64));
        Assert.Equal(0xFFFF, BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(26)));
        Assert.True(TestSegment.IsRight(segment));

        var packet = datagram.Build(partial: true);
        Assert.True(ChecksumOffload.Complete(packet, datagram.Offloaded(0)));
        Assert.Equal(segment, packet);
    }

    [Fact]
    public void A_caller_writes_its_outer_header_in_front_of_each_segment()
    {
        var whole = new TestSegment { Payload = TestSegment.Bytes(2500, 1) };
        Assert.True(Segmenter.TryStart(whole.Build(partial: true), whole.Offloaded(Size), out var segmenter));
        Assert.Equal(3, segmenter.SegmentCount);
        Span<byte> place = new byte[1100];
        foreach (var expected in whole.Cut(Size))
        {
            Assert.Equal(expected.Length, segmenter.NextLength);
            place.Fill(0xEE);
            Assert.Equal(expected.Length, segmenter.WriteNext(place[20..]));
            Assert.Equal(expected, place.Slice(20, expected.Length));
            Assert.False(place[..20].ContainsAnyExcept((byte)0xEE) || place[(20 + expected.Length)..].ContainsAnyExcept((byte)0xEE));
        }
        Assert.Equal(0, segmenter.NextLength);
        Assert.Equal(0, segmenter.WriteNext(place));
    }

    [Fact]
    public void More_segments_than_the_batch_holds_leave_through_the_port_with_their_headroom()
    {
        var whole = new TestSegment { Payload = TestSegment.Bytes(100 * 80, 1) };
        Assert.Equal(whole.Cut(100), Segment(whole, 100));
        Assert.All(_port.Sent, sent => Assert.Equal(20, sent.Info.Start - sent.Info.Floor));
    }

    [Fact]
    public void A_batch_too_small_for_a_segment_takes_none()
    {
        using PacketBatch small = new(capacity: 4, size: 512);
        var whole = new TestSegment { Payload = TestSegment.Bytes(3000, 1) };
        Assert.True(Segmenter.TryStart(whole.Build(partial: true), whole.Offloaded(Size), out var segmenter));
        Assert.Equal(0, segmenter.WriteAll(new PacketQueue(_port, small)));
        Assert.Equal(0, small.Count);
    }

    public static TheoryData<string> Lies => [.. _lies.Keys];

    private static readonly Dictionary<string, Func<byte[], PacketInfo, (byte[], PacketInfo)>> _lies = new()
    {
        ["no segmentation"] = (p, i) => (p, i with { Gso = GsoType.None }),
        ["an unknown type"] = (p, i) => (p, i with { Gso = (GsoType)0x80 }),
        ["the type of the other version"] = (p, i) => (p, i with { Gso = GsoType.TcpV6 }),
        ["the type of the other transport"] = (p, i) => (p, i with { Gso = GsoType.UdpL4 }),
        ["size zero"] = (p, i) => (p, i with { GsoSize = 0 }),
        ["a whole checksum"] = (p, i) => (p, i with { Checksum = ChecksumState.Unknown }),
        ["checksum start elsewhere"] = (p, i) => (p, i with { ChecksumStart = 24 }),
        ["checksum offset elsewhere"] = (p, i) => (p, i with { ChecksumOffset = 6 }),
        ["nothing at all"] = (_, i) => ([], i),
        ["half a header"] = (p, i) => (p[..33], i),
        ["a packet cut short"] = (p, i) => (p[..^1], i),
        ["a packet with padding"] = (p, i) => ([.. p, 0], i),
        ["a short total length"] = (p, i) => (With(p, 2, 0), i),
        ["ihl below the minimum"] = (p, i) => (With(p, 0, 0x44), i),
        ["ihl that moves the transport"] = (p, i) => (With(p, 0, 0x46), i),
        ["data offset below the minimum"] = (p, i) => (With(p, 32, 0x40), i),
        ["a fragment"] = (p, i) => (With(p, 6, 0x20), i),
        ["another protocol"] = (p, i) => (With(p, 9, 47), i),
        ["version 5"] = (p, i) => (With(p, 0, 0x55), i),
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void Facts_that_do_not_fit_the_packet_are_refused(string lie)
    {
        var whole = new TestSegment { Payload = TestSegment.Bytes(3000, 1) };
        var (packet, info) = _lies[lie](whole.Build(partial: true), whole.Offloaded(Size));
        Assert.False(Segmenter.TryStart(packet, info, out var segmenter));
        Assert.Equal(0, segmenter.NextLength);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Complete_gives_the_checksum_that_naive_code_gives(bool isV4, bool isTcp)
    {
        for (var length = 0; length < 300; length++)
        {
            var segment = new TestSegment { IsV4 = isV4, IsTcp = isTcp, Payload = TestSegment.Bytes(length, length) };
            var packet = segment.Build(partial: true);
            Assert.True(ChecksumOffload.Complete(packet, segment.Offloaded(0)));
            // TCP's checksum may be 0, but Complete writes 0xFFFF then, as the kernel does.
            Assert.True(TestSegment.IsRight(packet));
        }
    }

    [Theory]
    [InlineData(0, 65535)]
    [InlineData(65535, 65535)]
    [InlineData(39, 0)]
    [InlineData(40, 0)]
    [InlineData(30, 9)]
    public void Complete_refuses_a_field_beyond_the_packet(int start, int offset)
    {
        var packet = new byte[40];
        PacketInfo info = new() { Checksum = ChecksumState.Partial, ChecksumStart = (ushort)start, ChecksumOffset = (ushort)offset };
        Assert.False(ChecksumOffload.Complete(packet, info));
        Assert.False(packet.AsSpan().ContainsAnyExcept((byte)0));
    }

    private static byte[] With(byte[] packet, int at, byte value)
    {
        packet[at] = value;
        return packet;
    }

    private List<byte[]> Segment(TestSegment whole, int size)
    {
        PacketQueue queue = new(_port, _batch);
        var before = _port.Sent.Count;
        Assert.True(Segmenter.TryStart(whole.Build(partial: true), whole.Offloaded(size), out var segmenter));
        var count = segmenter.SegmentCount;
        Assert.Equal(count, segmenter.WriteAll(queue, headroom: 20));
        queue.Flush();
        Assert.Equal(count, _port.Sent.Count - before);
        return [.. _port.Sent.Skip(before).Select(sent => sent.Packet)];
    }
}
