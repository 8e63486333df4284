using Xunit;

namespace Qanat.Packets.Tests.Offload;

public sealed class CoalescerTests : IDisposable
{
    private const int Mtu = 1500;

    private readonly KeepingPort _port = new();
    private readonly PacketBatch _batch = new();
    private readonly Coalescer _coalescer;

    private static readonly TestSegment _tcp4 = new()
    {
        Payload = TestSegment.Bytes(1000, 1),
        TcpOptions = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8],
    };
    private static readonly TestSegment _tcp6 = _tcp4 with { IsV4 = false };
    private static readonly TestSegment _udp4 = new() { IsTcp = false, Payload = TestSegment.Bytes(1000, 1) };
    private static readonly TestSegment _udp6 = _udp4 with { IsV4 = false };

    public CoalescerTests() => _coalescer = new Coalescer(new PacketQueue(_port, _batch), new CoalescerOptions(Mtu, Tcp: true, Udp: true));

    public void Dispose() => _batch.Dispose();

    public static TheoryData<bool, bool> Kinds => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_in_a_row_become_one_packet_with_its_facts(bool isV4, bool isTcp)
    {
        var first = Kind(isV4, isTcp);
        var second = first.Next(1000);
        var third = second.Next(300) with { Flags = TcpFlags.Ack | TcpFlags.Psh };
        var whole = first with { Flags = third.Flags, Payload = [.. first.Payload, .. second.Payload, .. third.Payload] };

        var (packet, info) = Assert.Single(Coalesce(first.Build(), second.Build(), third.Build()));

        Assert.Equal(whole.Build(partial: true), packet);
        var expected = whole.Offloaded(gsoSize: 1000);
        Assert.Equal(expected with { Start = info.Start, Floor = info.Floor, Length = packet.Length }, info);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_packet_alone_stays_as_it_is_and_is_known_to_be_right(bool isV4, bool isTcp)
    {
        var alone = Kind(isV4, isTcp).Build();
        var (packet, info) = Assert.Single(Coalesce(alone));
        Assert.Equal(alone, packet);
        Assert.Equal((ChecksumState.Valid, GsoType.None), (info.Checksum, info.Gso));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Frames_with_one_Ethernet_header_become_one_frame_and_their_positions_count_from_it(bool isV4, bool isTcp)
    {
        var first = Kind(isV4, isTcp);
        var second = first.Next(1000);
        var whole = first with { Payload = [.. first.Payload, .. second.Payload] };
        byte[] link = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, isV4 ? (byte)0x08 : (byte)0x86, isV4 ? (byte)0 : (byte)0xDD];

        foreach (var packet in new[] { first.Build(), second.Build() })
            Assert.True(_coalescer.Add([.. link, .. packet], default, link.Length));
        _coalescer.Flush();

        var (frame, info) = Assert.Single(_port.Sent);
        Assert.Equal([.. link, .. whole.Build(partial: true)], frame);
        var expected = whole.Offloaded(gsoSize: 1000);
        Assert.Equal((expected.Gso, expected.GsoSize), (info.Gso, info.GsoSize));
        Assert.Equal((expected.ChecksumStart + link.Length, expected.ChecksumOffset), (info.ChecksumStart, info.ChecksumOffset));
    }

    [Fact]
    public void Frames_to_another_station_are_not_joined()
    {
        byte[] link = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        var (first, second) = (_tcp4.Build(), _tcp4.Next(1000).Build());

        _coalescer.Add([.. link, .. first], default, link.Length);
        link[5] = 9;
        _coalescer.Add([.. link, .. second], default, link.Length);
        _coalescer.Flush();

        Assert.Equal([[2, 0, 0, 0, 0, 1, .. link[6..], .. first], [.. link, .. second]], _port.Sent.Select(taken => taken.Packet));
    }

    // Each breaks one rule in the second of two segments that would otherwise be joined.
    private static readonly Dictionary<string, (TestSegment First, Func<TestSegment, TestSegment> Break)> _rules = new()
    {
        ["tos"] = (_tcp4, s => s with { TrafficClass = 4 }),
        ["ecn"] = (_tcp4, s => s with { TrafficClass = 3 }),
        ["ttl"] = (_tcp4, s => s with { TimeToLive = 63 }),
        ["df"] = (_tcp4, s => s with { FlagsAndOffset = 0 }),
        ["reserved flag"] = (_tcp4, s => s with { FlagsAndOffset = 0xC000 }),
        ["more fragments"] = (_tcp4, s => s with { FlagsAndOffset = 0x2000 }),
        ["fragment offset"] = (_tcp4, s => s with { FlagsAndOffset = 1 }),
        ["id ahead"] = (_tcp4, s => s with { Identification = 102 }),
        ["id behind"] = (_tcp4, s => s with { Identification = 99 }),
        ["id the same without df"] = (_tcp4 with { FlagsAndOffset = 0 }, s => s with { Identification = 100 }),
        ["ip options"] = (_tcp4, s => s with { IpOptions = [1, 1, 1, 0] }),
        ["ip options in both"] = (_tcp4 with { IpOptions = [1, 1, 1, 0] }, s => s),
        ["source address"] = (_tcp4, s => s with { Host = 2 }),
        ["source port"] = (_tcp4, s => s with { SourcePort = 1 }),
        ["destination port"] = (_tcp4, s => s with { DestinationPort = 1 }),
        ["a gap"] = (_tcp4, s => s with { SequenceNumber = s.SequenceNumber + 1 }),
        ["a retransmission"] = (_tcp4, s => s with { SequenceNumber = 1000 }),
        ["acknowledgement number"] = (_tcp4, s => s with { AcknowledgmentNumber = 2001 }),
        ["window"] = (_tcp4, s => s with { Window = 513 }),
        ["an option's value"] = (_tcp4, s => s with { TcpOptions = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 9] }),
        ["fewer options"] = (_tcp4, s => s with { TcpOptions = [] }),
        ["more options"] = (_tcp4, s => s with { TcpOptions = [.. s.TcpOptions, 1, 1, 1, 1] }),
        ["longer than the first"] = (_tcp4, s => s with { Payload = TestSegment.Bytes(1001, 9) }),
        ["no payload"] = (_tcp4, s => s with { Payload = [] }),
        ["fin"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Fin }),
        ["syn"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Syn }),
        ["rst"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Rst }),
        ["urg"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Urg }),
        ["ece"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Ece }),
        ["cwr"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Cwr }),
        ["ae"] = (_tcp4, s => s with { Flags = TcpFlags.Ack | TcpFlags.Ae }),
        ["no ack"] = (_tcp4, s => s with { Flags = TcpFlags.None }),
        ["a first that was pushed"] = (_tcp4 with { Flags = TcpFlags.Ack | TcpFlags.Psh }, s => s with { Flags = TcpFlags.Ack }),
        ["a first that was short"] = (_tcp4 with { Payload = [1] }, s => s with { Payload = [1, 2] }),
        ["a first that opens the connection"] = (_tcp4 with { Flags = TcpFlags.Syn }, s => s with { Flags = TcpFlags.Ack }),
        ["traffic class"] = (_tcp6, s => s with { TrafficClass = 3 }),
        ["flow label"] = (_tcp6, s => s with { FlowLabel = 1 }),
        ["hop limit"] = (_tcp6, s => s with { TimeToLive = 63 }),
        ["extension header"] = (_tcp6, s => s with { ExtensionHeader = [0, 0, 1, 4, 0, 0, 0, 0] }),
        ["extension header in both"] = (_tcp6 with { ExtensionHeader = [0, 0, 1, 4, 0, 0, 0, 0] }, s => s),
        ["another version"] = (_tcp6, s => s with { IsV4 = true }),
        ["another protocol"] = (_tcp4, s => s with { IsTcp = false }),
        ["a longer datagram"] = (_udp4, s => s with { Payload = TestSegment.Bytes(1001, 9) }),
        ["an empty datagram"] = (_udp4, s => s with { Payload = [] }),
        ["a datagram's id"] = (_udp4, s => s with { Identification = 200 }),
        ["a datagram's port"] = (_udp6, s => s with { DestinationPort = 53 }),
        ["a datagram's flow label"] = (_udp6, s => s with { FlowLabel = 1 }),
    };

    public static TheoryData<string> Rules => [.. _rules.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_segment_that_breaks_a_rule_is_not_joined(string rule)
    {
        var (first, breakRule) = _rules[rule];
        byte[][] packets = [first.Build(), breakRule(first.Next(first.Payload.Length)).Build()];
        Assert.Equal(packets, Coalesce(packets).Select(sent => sent.Packet));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wrong_transport_checksum_passes_alone_and_untouched(bool isV4, bool isTcp)
    {
        var first = Kind(isV4, isTcp);
        var bad = first.Next(1000).Build();
        bad[^1] ^= 1;
        var third = first.Next(1000).Next(1000);

        var sent = Coalesce(first.Build(), bad, third.Build());

        Assert.Equal([first.Build(), bad, third.Build()], sent.Select(s => s.Packet));
        Assert.Equal([ChecksumState.Valid, ChecksumState.Unknown, ChecksumState.Valid], sent.Select(s => s.Info.Checksum));
    }

    [Fact]
    public void A_wrong_checksum_in_the_first_keeps_the_second_from_joining()
    {
        var bad = _tcp4.Build();
        bad[60] ^= 0x40;
        Assert.Equal([bad, _tcp4.Next(1000).Build()], Coalesce(bad, _tcp4.Next(1000).Build()).Select(s => s.Packet));
    }

    [Fact]
    public void A_checksum_known_to_be_right_is_not_looked_at()
    {
        var second = _tcp4.Next(1000).Build();
        second[^1] ^= 1;
        _coalescer.Add(_tcp4.Build(), new PacketInfo { Checksum = ChecksumState.Valid });
        _coalescer.Add(second, new PacketInfo { Checksum = ChecksumState.Valid });
        _coalescer.Flush();
        var (packet, _) = Assert.Single(_port.Sent);
        Assert.Equal(second[^1], packet[^1]);
    }

    [Fact]
    public void A_wrong_header_checksum_is_not_joined()
    {
        var second = _tcp4.Next(1000).Build();
        second[10] ^= 1;
        Assert.Equal([_tcp4.Build(), second], Coalesce(_tcp4.Build(), second).Select(s => s.Packet));
    }

    [Fact]
    public void A_datagram_without_checksum_passes_as_unknown()
    {
        var packets = new[] { _udp4.Build(), _udp4.Next(1000).Build() };
        foreach (var packet in packets)
            packet.AsSpan(26, 2).Clear();
        var sent = Coalesce(packets);
        Assert.Equal(packets, sent.Select(s => s.Packet));
        Assert.All(sent, s => Assert.Equal(ChecksumState.Unknown, s.Info.Checksum));
    }

    [Fact]
    public void With_df_the_id_may_stay_but_then_for_all()
    {
        TestSegment second = _tcp4.Next(1000) with { Identification = 100 }, third = second.Next(1000) with { Identification = 100 };
        Assert.Single(Coalesce(_tcp4.Build(), second.Build(), third.Build()));
        _port.Sent.Clear();
        Assert.Equal(2, Coalesce(_tcp4.Build(), second.Build(), (third with { Identification = 102 }).Build()).Count);
        _port.Sent.Clear();
        TestSegment counted = _tcp4.Next(1000), stopped = counted.Next(1000) with { Identification = 100 };
        Assert.Equal(2, Coalesce(_tcp4.Build(), counted.Build(), stopped.Build()).Count);
    }

    [Fact]
    public void Psh_and_a_short_segment_close_a_packet()
    {
        var pushed = _tcp4.Next(1000) with { Flags = TcpFlags.Ack | TcpFlags.Psh };
        var third = pushed.Next(1000) with { Flags = TcpFlags.Ack };
        var last = third.Next(999);
        var after = last.Next(10);
        var sent = Coalesce(_tcp4.Build(), pushed.Build(), third.Build(), last.Build(), after.Build());
        Assert.Equal([52 + 2000, 52 + 1999, 52 + 10], sent.Select(s => s.Packet.Length));
        Assert.Equal([0x18, 0x10, 0x10], sent.Select(s => (int)s.Packet[33]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_packet_grows_beyond_65535_bytes(bool isV4)
    {
        List<TestSegment> stream = [Kind(isV4, isTcp: true) with { Payload = TestSegment.Bytes(1448, 1) }];
        while (stream.Count < 50)
            stream.Add(stream[^1].Next(1448));
        var sent = Coalesce([.. stream.Select(s => s.Build())]);
        Assert.Equal(45 * 1448, sent[0].Packet.Length - stream[0].HeaderLength);
        Assert.Equal(5 * 1448, sent[1].Packet.Length - stream[0].HeaderLength);
    }

    [Fact]
    public void A_udp_packet_stands_for_64_datagrams_at_most()
    {
        List<TestSegment> stream = [_udp4 with { Payload = [1, 2, 3] }];
        while (stream.Count < 70)
            stream.Add(stream[^1].Next(3));
        Assert.Equal([28 + 64 * 3, 28 + 6 * 3], Coalesce([.. stream.Select(s => s.Build())]).Select(s => s.Packet.Length));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Each_kind_has_its_off_switch(bool tcp, bool udp)
    {
        _coalescer.Attach(new PacketQueue(_port, _batch), new CoalescerOptions(Mtu, tcp, udp));
        Assert.Equal(tcp ? 1 : 2, Coalesce(_tcp4.Build(), _tcp4.Next(1000).Build()).Count);
        _port.Sent.Clear();
        Assert.Equal(udp ? 1 : 2, Coalesce(_udp6.Build(), _udp6.Next(1000).Build()).Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_checksum_left_to_the_device_is_recognised(bool isV4, bool isTcp)
    {
        foreach (var segment in (TestSegment[])[Kind(isV4, isTcp), Kind(isV4, isTcp) with { Flags = TcpFlags.Syn, Payload = [] }])
        {
            _port.Sent.Clear();
            var (packet, info) = Assert.Single(Coalesce(segment.Build(partial: true)));
            Assert.Equal(segment.Build(partial: true), packet);
            Assert.Equal(segment.Offloaded(0), info with { Start = 0, Floor = 0, Length = 0 });
            Assert.True(ChecksumOffload.Complete(packet, info));
            Assert.Equal(segment.Build(), packet);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_super_packet_left_to_the_device_gets_the_segment_size_of_the_mtu(bool isV4)
    {
        var whole = Kind(isV4, isTcp: true) with { Payload = TestSegment.Bytes(20_000, 1) };
        var (packet, info) = Assert.Single(Coalesce(whole.Build(partial: true)));
        Assert.Equal(whole.Offloaded(Mtu - whole.HeaderLength), info with { Start = 0, Floor = 0, Length = 0 });
        Assert.True(Segmenter.TryStart(packet, info, out var segmenter));
        Assert.Equal(20_000 / (Mtu - whole.HeaderLength) + 1, segmenter.SegmentCount);
    }

    [Fact]
    public void A_large_datagram_left_to_the_device_keeps_its_bounds()
    {
        var (_, info) = Assert.Single(Coalesce((_udp4 with { Payload = new byte[5000] }).Build(partial: true)));
        Assert.Equal((ChecksumState.Partial, GsoType.None), (info.Checksum, info.Gso));
    }

    [Fact]
    public void What_has_offload_facts_of_its_own_passes_with_them()
    {
        var whole = _tcp4 with { Payload = TestSegment.Bytes(9000, 1) };
        var facts = whole.Offloaded(1448) with { Link = 7 };
        _coalescer.Add(_tcp4.Build(), default);
        _coalescer.Add(whole.Build(partial: true), facts);
        _coalescer.Flush();
        Assert.Equal(facts, _port.Sent[1].Info with { Start = 0, Floor = 0, Length = 0 });
    }

    [Fact]
    public void An_acknowledgement_keeps_its_place_in_the_flow()
    {
        var acknowledgement = _tcp4 with { SequenceNumber = 2000, Payload = [], Identification = 500 };
        TestSegment second = _tcp4.Next(1000), third = second.Next(1000);
        var sent = Coalesce(_tcp4.Build(), second.Build(), acknowledgement.Build(), third.Build());
        Assert.Equal([2052, 52, 1052], sent.Select(s => s.Packet.Length));
    }

    [Fact]
    public void A_fragment_lets_nothing_behind_it_grow_past_it()
    {
        var fragment = (_udp4 with { FlagsAndOffset = 0x2000, Host = 9 }).Build();
        var sent = Coalesce(_tcp4.Build(), fragment, _tcp4.Next(1000).Build());
        Assert.Equal([_tcp4.Build(), fragment, _tcp4.Next(1000).Build()], sent.Select(s => s.Packet));
    }

    [Fact]
    public void Other_protocols_pass_and_do_not_part_a_flow()
    {
        var icmp = _tcp4.Build();
        icmp[9] = 1;
        var sent = Coalesce(_tcp4.Build(), icmp, [1, 2, 3], [], _tcp4.Next(1000).Build());
        Assert.Equal([2052, icmp.Length, 3, 0], sent.Select(s => s.Packet.Length));
    }

    [Fact]
    public void Eight_flows_grow_at_once_and_a_ninth_closes_the_oldest()
    {
        var flows = Enumerable.Range(1, 9).Select(host => _tcp4 with { Host = (byte)host }).ToList();
        var later = flows.Select(f => f.Next(1000).Build()).ToList();
        var sent = Coalesce([.. flows.Select(f => f.Build()), .. later.Skip(1), later[0]]);
        Assert.Equal([1052, .. Enumerable.Repeat(2052, 8), 1052], sent.Select(s => s.Packet.Length));
        Assert.Equal([.. flows.Select(f => f.Host), 1], sent.Select(s => s.Packet[15]));
    }

    [Fact]
    public void A_full_batch_leaves_closed_and_the_flow_goes_on_in_the_next()
    {
        using PacketBatch two = new(capacity: 2);
        _coalescer.Attach(new PacketQueue(_port, two), new CoalescerOptions(Mtu));
        var other = _tcp4 with { Host = 2 };
        var sent = Coalesce(_tcp4.Build(), other.Build(), _tcp4.Next(1000).Build(), (_tcp4 with { Host = 3 }).Build(),
            _tcp4.Next(1000).Next(1000).Build());
        Assert.Equal([2052, 1052, 1052, 1052], sent.Select(s => s.Packet.Length));
    }

    [Fact]
    public void A_batch_too_small_for_the_largest_packet_is_used_as_far_as_it_goes()
    {
        using PacketBatch small = new(capacity: 8, size: 4096);
        _coalescer.Attach(new PacketQueue(_port, small), new CoalescerOptions(Mtu));
        Assert.Equal([1052, 1052], Coalesce(_tcp4.Build(), _tcp4.Next(1000).Build()).Select(s => s.Packet.Length));
        Assert.False(_coalescer.Add((_tcp4 with { Payload = new byte[5000] }).Build(), default));
        Assert.False(_coalescer.Add(new byte[5000], default));
    }

    [Fact]
    public void Attaching_another_queue_sends_what_waits_in_the_old_one()
    {
        KeepingPort other = new();
        _coalescer.Add(_tcp4.Build(), default);
        _coalescer.Attach(new PacketQueue(other, _batch), new CoalescerOptions(Mtu));
        Assert.Single(_port.Sent);
        _coalescer.Add(_tcp4.Next(1000).Build(), default);
        _coalescer.Flush();
        Assert.Single(other.Sent);
    }

    [Fact]
    public void Link_padding_is_left_behind()
        => Assert.Equal(2052, Assert.Single(Coalesce([.. _tcp4.Build(), 0, 0], [.. _tcp4.Next(1000).Build(), 1])).Packet.Length);

    private static TestSegment Kind(bool isV4, bool isTcp) => isTcp ? isV4 ? _tcp4 : _tcp6 : isV4 ? _udp4 : _udp6;

    private List<(byte[] Packet, PacketInfo Info)> Coalesce(params IEnumerable<byte[]> packets)
    {
        foreach (var packet in packets)
            Assert.True(_coalescer.Add(packet, default));
        _coalescer.Flush();
        return _port.Sent;
    }
}
