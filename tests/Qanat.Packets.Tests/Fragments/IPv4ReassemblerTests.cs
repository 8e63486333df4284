using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets.Tests.Headers;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Fragments;

public class IPv4ReassemblerTests
{
    private readonly ManualTime _time = new();
    private readonly IPv4Reassembler _reassembler;

    public IPv4ReassemblerTests() => _reassembler = new IPv4Reassembler(_time);

    [Fact]
    public void Fragments_in_any_order_become_the_packet_again() => Prop.ForAll(_cases.ToArbitrary(), c =>
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(c.Length, c.Seed), new byte[c.OptionWords * 4], tos: 0x2A);
        var fragments = FragmentCollector.Fragment(packet, c.Mtu);
        new Random(c.Seed).Shuffle(fragments);
        // Every third comes twice.
        var arriving = fragments.SelectMany((fragment, i) => i % 3 == 0 ? [fragment, fragment] : new[] { fragment }).ToArray();
        var whole = arriving.Where(fragment => _reassembler.TryAdd(fragment, out var datagram) && datagram.SequenceEqual(packet)).Count();
        _time.Advance(IPv4Reassembler.Timeout);
        return whole == 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_datagram_is_put_together()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(65515));
        var fragments = FragmentCollector.Fragment(packet, 576);
        Assert.True(AddAll(fragments) is { } datagram && datagram.AsSpan().SequenceEqual(packet));
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Reassembled));
    }

    [Fact]
    public void Every_second_fragment_first_still_makes_the_largest_datagram_of_576_byte_packets()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(65515));
        var fragments = FragmentCollector.Fragment(packet, 576);
        byte[][] arriving = [.. fragments.Where((_, i) => i % 2 == 1), .. fragments.Where((_, i) => i % 2 == 0)];
        Assert.True(AddAll(arriving) is { } datagram && datagram.AsSpan().SequenceEqual(packet));
    }

    [Fact]
    public void A_packet_that_is_no_fragment_is_its_own_datagram()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, [1, 2, 3]);
        Assert.Equal(packet, AddAll([.. packet, 0, 0]));
        Assert.Equal(0, _reassembler.Reassembled);
    }

    [Theory]
    [InlineData(8, 24, 0)] // from the middle of the first into the third
    [InlineData(0, 24, 0)] // covers all and more
    [InlineData(8, 16, 1)] // inside the second run: a duplicate
    [InlineData(0, 8, 1)]
    public void An_overlap_discards_the_datagram_and_a_duplicate_does_not(int start, int end, int pending)
    {
        Add(0, 16);
        Add(32, 48);
        Add(start, end);
        Assert.Equal(pending, _reassembler.Pending);
        Assert.Equal(1 - pending, _reassembler.Failed(ReassemblyFailure.Overlap));
    }

    [Theory]
    [InlineData(48, 64, true)] // beyond the end
    [InlineData(16, 24, false)] // another end, before what is there
    [InlineData(40, 56, false)] // another end, behind it
    public void Fragments_that_disagree_about_the_end_discard_the_datagram(int start, int end, bool more)
    {
        Add(32, 48, more: false);
        Add(start, end, more);
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.InconsistentLength)));
    }

    [Fact]
    public void A_last_fragment_before_what_is_there_discards_the_datagram()
    {
        Add(32, 48);
        Add(8, 16, more: false);
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.InconsistentLength)));
    }

    [Fact]
    public void A_datagram_of_more_than_65535_bytes_is_dropped()
    {
        Add(65512, 65516, more: false);
        Assert.Equal(1, _reassembler.Failed(ReassemblyFailure.Oversized));

        // 65,515 bytes of payload fit behind 20 bytes of header, but not behind 24.
        Add(65512, 65515, more: false);
        Assert.Equal(1, _reassembler.Pending);
        var start = SamplePackets.IPv4(IpProtocol.Udp, new byte[65504], options: [1, 1, 1, 1], more: true);
        Assert.False(_reassembler.TryAdd(start, out _));
        Add(65504, 65512);
        Assert.Equal((0, 2L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.Oversized)));
    }

    [Fact]
    public void A_fragment_without_payload_discards_the_datagram()
    {
        Add(0, 8);
        Add(8, 8, more: false);
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.Malformed)));
        Assert.False(_reassembler.TryAdd([0x45, 0], out _));
        Assert.Equal(2, _reassembler.Failed(ReassemblyFailure.Malformed));
    }

    [Fact]
    public void Odd_bytes_of_a_fragment_that_is_not_the_last_are_cut_off()
    {
        Add(0, 13);
        var datagram = Add(8, 12, more: false);
        Assert.Equal(20 + 12, datagram!.Length);
    }

    [Fact]
    public void Tiny_fragments_are_accepted()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(1000));
        Assert.Equal(packet, AddAll(FragmentCollector.Fragment(packet, 28)));
    }

    [Fact]
    public void More_holes_than_any_honest_order_makes_discard_the_datagram()
    {
        for (var i = 0; i <= 64; i++)
            Add(i * 16, i * 16 + 8);
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.TooManyHoles)));
    }

    [Theory]
    [InlineData(Ecn.Ect0, Ecn.Ce, Ecn.Ce)]
    [InlineData(Ecn.Ce, Ecn.Ect1, Ecn.Ce)]
    [InlineData(Ecn.Ce, Ecn.Ce, Ecn.Ce)]
    [InlineData(Ecn.Ect0, Ecn.Ect1, Ecn.Ect0)]
    [InlineData(Ecn.NotEct, Ecn.NotEct, Ecn.NotEct)]
    public void Congestion_that_one_fragment_met_the_datagram_has_met(Ecn first, Ecn second, Ecn whole)
    {
        Add(0, 8, tos: (byte)(0xB8 | (int)first));
        var datagram = Add(8, 16, more: false, tos: (byte)(0xB8 | (int)second));
        Assert.True(IPv4Header.TryParse(datagram, out var header));
        Assert.Equal((0xB8 | (int)whole, true), (header.TypeOfService, header.HasValidChecksum));
    }

    [Theory]
    [InlineData(Ecn.NotEct, Ecn.Ce)]
    [InlineData(Ecn.Ect0, Ecn.NotEct)]
    [InlineData(Ecn.NotEct, Ecn.Ect1)]
    public void Fragments_that_disagree_about_ecn_are_dropped(Ecn first, Ecn second)
    {
        Add(0, 8, tos: (byte)first);
        Assert.Null(Add(8, 16, more: false, tos: (byte)second));
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.EcnMismatch)));
    }

    [Theory]
    [InlineData(true, false, true)] // the longest has it
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Dont_fragment_is_that_of_the_longest_fragment(bool first, bool second, bool whole)
    {
        Add(0, 16, df: first);
        Assert.True(IPv4Header.TryParse(Add(16, 24, more: false, df: second), out var header));
        Assert.Equal((whole, false), (header.DontFragment, header.IsFragment));
    }

    [Fact]
    public void Datagrams_of_other_hosts_ids_and_protocols_are_kept_apart()
    {
        byte[][] first =
        [
            SamplePackets.IPv4(IpProtocol.Udp, new byte[8], more: true),
            SamplePackets.IPv4(IpProtocol.Udp, new byte[8], more: true, id: 8),
            SamplePackets.IPv4(IpProtocol.Tcp, new byte[8], more: true),
            SamplePackets.IPv4(IpProtocol.Udp, new byte[8], more: true, source: new(1)),
            SamplePackets.IPv4(IpProtocol.Udp, new byte[8], more: true, destination: new(1)),
        ];
        Assert.Null(AddAll(first));
        Assert.Equal(5, _reassembler.Pending);
        Assert.NotNull(Add(8, 9, more: false));
        Assert.Equal(4, _reassembler.Pending);
    }

    [Fact]
    public void Thirty_seconds_after_the_first_fragment_it_is_over()
    {
        Add(0, 8);
        _time.Advance(TimeSpan.FromSeconds(29.9));
        Add(16, 24);
        _reassembler.Expire();
        Assert.Equal(1, _reassembler.Pending);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(Add(8, 16, more: false));
        Assert.Equal((1, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.TimedOut)));
    }

    [Fact]
    public void A_datagram_too_many_costs_the_oldest()
    {
        var small = new IPv4Reassembler(_time, maxDatagrams: 2);
        for (ushort id = 1; id <= 3; id++)
            Assert.False(small.TryAdd(SamplePackets.IPv4(IpProtocol.Udp, new byte[8], id: id, more: true), out _));
        Assert.Equal((2, 1L), (small.Pending, small.Failed(ReassemblyFailure.Evicted)));
        Assert.True(small.TryAdd(SamplePackets.IPv4(IpProtocol.Udp, [1], id: 3, offset: 8), out _));
        Assert.True(small.TryAdd(SamplePackets.IPv4(IpProtocol.Udp, [1], id: 2, offset: 8), out _));
        Assert.False(small.TryAdd(SamplePackets.IPv4(IpProtocol.Udp, [1], id: 1, offset: 8), out _));
    }

    [Fact]
    public void In_the_least_memory_a_flood_of_lone_fragments_cannot_stop_a_datagram_of_any_size()
    {
        var small = new IPv4Reassembler(_time, maxBytes: IPv4Reassembler.MinBytes);
        var packet = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Noise(65515), id: 9999);
        for (ushort id = 1; id <= 500; id++)
            Assert.False(small.TryAdd(SamplePackets.IPv4(IpProtocol.Udp, new byte[8], id: id, more: true, offset: 64000), out _));
        var whole = false;
        foreach (var fragment in FragmentCollector.Fragment(packet, 1500))
            whole = small.TryAdd(fragment, out var datagram) && datagram.SequenceEqual(packet);
        Assert.True(whole);
        Assert.Equal((0, 500L), (small.Pending, small.Failed(ReassemblyFailure.Evicted)));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_datagram_once_there_was_one()
    {
        var fragments = FragmentCollector.Fragment(SamplePackets.IPv4(IpProtocol.Udp, new byte[4000]), 1500);
        void AddThem()
        {
            foreach (var fragment in fragments)
                _reassembler.TryAdd(fragment, out _);
        }

        for (var i = 0; i < 100; i++)
            AddThem();
        Allocations.AssertNone(packets: 3000, () =>
        {
            for (var i = 0; i < 1000; i++)
                AddThem();
        });
        Assert.Equal(1100, _reassembler.Reassembled);
    }

    [Fact]
    public void Hostile_fragments_never_throw_and_never_leave_their_bounds()
    {
        var random = new Random(5);
        var small = new IPv4Reassembler(_time, maxDatagrams: 50, maxBytes: 2 * IPv4Reassembler.MinBytes);
        using var memory = new GuardedMemory(4096);
        var whole = 0;
        for (var i = 0; i < 250_000; i++)
        {
            var packet = memory.Last(IPv4Header.MinSize + random.Next(1, random.Next(100) == 0 ? 4000 : 40));
            random.NextBytes(packet);
            var offset = random.Next(20) == 0 ? random.Next(0x2000) : random.Next(6);
            IPv4Header.Write(packet, 0, packet.Length, (ushort)random.Next(60), false, 64, IpProtocol.Udp, SamplePackets.Here,
                SamplePackets.There, random.Next(3) > 0, offset * 8);
            if (random.Next(20) == 0)
                packet[random.Next(20)] = (byte)random.Next(256);
            if (small.TryAdd(packet, out var datagram))
            {
                whole++;
                Assert.True(IPv4Header.TryParse(datagram, out var header) && header.Packet.Length == datagram.Length);
            }
            Assert.InRange(small.Pending, 0, 50);
            _time.Advance(random.Next(10_000) == 0 ? IPv4Reassembler.Timeout : TimeSpan.FromMilliseconds(random.Next(20)));
        }
        Assert.InRange(whole, 1000, 249_000);
        Assert.All(Enum.GetValues<ReassemblyFailure>().Except([ReassemblyFailure.TooManyHoles, ReassemblyFailure.EcnMismatch]),
            reason => Assert.NotEqual(0, small.Failed(reason)));
    }

    private sealed record Case(int Length, int Mtu, int OptionWords, int Seed);

    private static readonly Gen<Case> _cases =
        from mtu in Gen.Choose(200, 2000)
        from length in Gen.Choose(mtu, 9000)
        from options in Gen.Choose(0, 10)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new Case(length, mtu, options, seed);

    // Payload bytes start to end of one datagram.
    private byte[]? Add(int start, int end, bool more = true, byte tos = 0, bool df = false) =>
        AddAll(SamplePackets.IPv4(IpProtocol.Udp, new byte[end - start], more: more, offset: start, tos: tos, df: df));

    private byte[]? AddAll(params byte[][] fragments)
    {
        byte[]? whole = null;
        foreach (var fragment in fragments)
        {
            if (_reassembler.TryAdd(fragment, out var datagram))
                whole = datagram.ToArray();
        }
        return whole;
    }
}
