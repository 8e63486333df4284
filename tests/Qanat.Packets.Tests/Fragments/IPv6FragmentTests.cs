using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets.Tests.Headers;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Fragments;

public class IPv6FragmentTests
{
    private readonly ManualTime _time = new();
    private readonly IPv6Reassembler _reassembler;

    public IPv6FragmentTests() => _reassembler = new IPv6Reassembler(_time);

    [Fact]
    public void Fragments_fit_and_in_any_order_become_the_packet_again() => Prop.ForAll(_cases.ToArbitrary(), c =>
    {
        var packet = Packet(c.Length, c.Seed, c.Headers);
        var fragments = Cut(packet, c.Mtu);
        if (fragments.Any(fragment => fragment.Length > c.Mtu) || fragments.Length < 2)
            return false;
        new Random(c.Seed).Shuffle(fragments);
        // Every third comes twice.
        var arriving = fragments.SelectMany((fragment, i) => i % 3 == 0 ? [fragment, fragment] : new[] { fragment }).ToArray();
        var whole = arriving.Where(fragment => _reassembler.TryAdd(fragment, out var datagram) && datagram.SequenceEqual(packet)).Count();
        _time.Advance(IPv6Reassembler.Timeout);
        return whole == 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_fragment_has_the_unfragmentable_part_and_all_but_the_last_are_multiples_of_8()
    {
        // Hop-by-hop and routing stay in front; the destination options behind them are part of what is cut.
        var packet = Packet(3000, 1,
            [IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions, IpProtocol.Routing, IpProtocol.DestinationOptions]);
        var fragments = Cut(packet, 1280);
        Assert.Equal(3, fragments.Length);
        for (var i = 0; i < fragments.Length; i++)
        {
            Assert.True(IPv6Header.TryParse(fragments[i], out var header) && header.TryWalk(out _));
            header.TryWalk(out var chain);
            Assert.Equal((40 + 24, 40 + 16), (chain.FragmentHeaderOffset, chain.FragmentNextHeaderOffset));
            Assert.Equal((77u, i < 2), (chain.Identification, chain.MoreFragments));
            Assert.Equal((byte)IpProtocol.DestinationOptions, fragments[i][chain.FragmentHeaderOffset]);
            Assert.True(i == 2 || (fragments[i].Length - 72) % 8 == 0);
        }
    }

    [Fact]
    public void What_fits_stays_as_it_is_and_what_cannot_be_cut_is_not_sent()
    {
        var packet = Packet(1000, 1, []);
        Assert.Equal(packet, Assert.Single(Cut(packet, packet.Length)));
        Assert.Empty(Cut(packet, 40 + 8 + 7));
        Assert.Equal(125, Cut(packet, 40 + 8 + 8).Length);
        Assert.Empty(Cut(Cut(packet, 600)[0], 300));
        Assert.Empty(Cut([0x60, 0, 0], 1280));
    }

    [Theory]
    [InlineData(8, 24)]
    [InlineData(0, 24)]
    public void An_overlap_discards_the_packet(int start, int end)
    {
        Add(0, 16);
        Add(32, 48);
        Add(start, end);
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.Overlap)));
    }

    [Fact]
    public void Sixty_seconds_are_enough()
    {
        Add(0, 16);
        _time.Advance(TimeSpan.FromSeconds(59));
        _reassembler.Expire();
        Assert.Equal(1, _reassembler.Pending);
        _time.Advance(TimeSpan.FromSeconds(1));
        _reassembler.Expire();
        Assert.Equal((0, 1L), (_reassembler.Pending, _reassembler.Failed(ReassemblyFailure.TimedOut)));
    }

    [Fact]
    public void Who_saw_congestion_marks_the_packet()
    {
        var fragments = Cut(Packet(2000, 1, []), 1280);
        foreach (var fragment in fragments)
            IPv6Header.SetTrafficClass(fragment, (byte)Ecn.Ect0);
        IPv6Header.SetTrafficClass(fragments[1], (byte)Ecn.Ce);
        Assert.False(_reassembler.TryAdd(fragments[0], out _));
        Assert.True(_reassembler.TryAdd(fragments[1], out var whole) && IPv6Header.TryParse(whole, out var header) && header.Ecn == Ecn.Ce);
    }

    [Fact]
    public void An_atomic_fragment_waits_for_nobody_and_loses_its_header()
    {
        Add(0, 16); // of the same packet, by its name
        var packet = SamplePackets.IPv6(IpProtocol.Fragment, [.. SamplePackets.FragmentHeader(IpProtocol.Udp, 0, false, 9), 1, 2, 3]);
        Assert.True(_reassembler.TryAdd(packet, out var whole));
        Assert.Equal(SamplePackets.IPv6(IpProtocol.Udp, [1, 2, 3]), whole.ToArray());
        Assert.Equal(1, _reassembler.Pending);
    }

    [Fact]
    public void A_flood_stays_within_its_bounds_and_allocates_nothing()
    {
        var random = new Random(5);
        var small = new IPv6Reassembler(_time, maxDatagrams: 50, maxBytes: 2 * IPv4Reassembler.MinBytes);
        var parts = Enumerable.Range(0, 2000).Select(_ => SamplePackets.IPv6(IpProtocol.Fragment,
        [
            .. SamplePackets.FragmentHeader(IpProtocol.Udp, random.Next(3) * 8, random.Next(3) > 0, (uint)random.Next(60)),
            .. new byte[random.Next(10) == 0 ? random.Next(40) : 8],
        ])).ToArray();
        foreach (var part in parts.Where(_ => random.Next(20) == 0))
            part[random.Next(part.Length)] = (byte)random.Next(256);
        Flood();
        Allocations.AssertNone(parts.Length, Flood);
        Assert.InRange(small.Reassembled, 100, 3900);

        void Flood()
        {
            foreach (var part in parts)
            {
                if (small.TryAdd(part, out var datagram) &&
                    (!IPv6Header.TryParse(datagram, out var header) || header.Packet.Length != datagram.Length))
                    throw new InvalidOperationException("That is no packet.");
                if (small.Pending > 50)
                    throw new InvalidOperationException("Too many are pending.");
            }
        }
    }

    private sealed record Case(int Length, int Mtu, IpProtocol[] Headers, int Seed);

    private static readonly Gen<Case> _cases =
        from mtu in Gen.Choose(200, 2000)
        from length in Gen.Choose(mtu, 9000)
        from headers in Gen.Elements<IpProtocol[]>(
            [], [IpProtocol.HopByHopOptions], [IpProtocol.DestinationOptions, IpProtocol.Routing],
            [IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions])
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new Case(length, mtu, headers, seed);

    // A UDP packet (by its number; the payload is noise) behind extension headers of 8 bytes each.
    private static byte[] Packet(int length, int seed, IpProtocol[] headers)
    {
        IpProtocol[] chain = [.. headers, IpProtocol.Udp];
        var payload = chain.Skip(1).SelectMany(next => SamplePackets.Extension(next)).Concat(SamplePackets.Noise(length, seed)).ToArray();
        return SamplePackets.IPv6(chain[0], payload);
    }

    private static byte[][] Cut(byte[] packet, int mtu)
    {
        using var collector = new FragmentCollector();
        var count = IPv6Fragmenter.Fragment(packet, mtu, 77, collector.Queue);
        var packets = collector.Take();
        return packets.Length == count ? packets : throw new InvalidOperationException($"{count} said, {packets.Length} sent.");
    }

    private void Add(int start, int end) => Assert.False(_reassembler.TryAdd(
        SamplePackets.IPv6(IpProtocol.Fragment,
            [.. SamplePackets.FragmentHeader(IpProtocol.Udp, start, true, 9), .. new byte[end - start]]), out _));
}
