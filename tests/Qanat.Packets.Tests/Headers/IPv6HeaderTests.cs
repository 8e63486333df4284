using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class IPv6HeaderTests
{
    [Fact]
    public void Sizes_are_those_of_the_wire() => Assert.Equal((40, 8), (IPv6Header.Size, IPv6ExtensionChain.FragmentHeaderSize));

    [Fact]
    public void A_known_header_shows_its_fields()
    {
        var packet = Convert.FromHexString("6ba12345" + "0004" + "3a" + "3f" +
            "20010db8000100000000000000000002" + "20010db8000100000000000000000001" + "01020304" + "ffff");
        Assert.True(IPv6Header.TryParse(packet, out var header));
        Assert.Equal((6, 0xBA, 0x2E, Ecn.Ect0), (header.Version, header.TrafficClass, header.Dscp, header.Ecn));
        Assert.Equal((0x12345u, 4), (header.FlowLabel, header.PayloadLength));
        Assert.Equal((IpProtocol.Icmpv6, 63), (header.NextHeader, header.HopLimit));
        Assert.Equal((SamplePackets.Here6, SamplePackets.There6), (header.Source, header.Destination));
        Assert.Equal("01020304", Convert.ToHexString(header.Payload));
        Assert.Equal(44, header.Packet.Length);
    }

    [Fact]
    public void What_is_written_is_read_again() => Prop.ForAll<byte, ushort, uint>((octet, length, label) =>
    {
        var packet = new byte[IPv6Header.Size + ushort.MaxValue];
        IPv6Header.Write(packet, octet, label, length, (IpProtocol)octet, octet, SamplePackets.Here6, SamplePackets.There6);
        var fits = IPv6Header.TryParse(packet, out var header) && header.TrafficClass == octet && header.FlowLabel == (label & 0xFFFFF) &&
            header.PayloadLength == length && header.Payload.Length == length && header.NextHeader == (IpProtocol)octet &&
            header.HopLimit == octet && header.Source == SamplePackets.Here6 && header.Destination == SamplePackets.There6;
        IPv6Header.SetTrafficClass(packet, (byte)~octet);
        return fits && header.TrafficClass == (byte)~octet && header.FlowLabel == (label & 0xFFFFF) && header.Version == 6;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_packet_is_refused_at_every_length_below_its_own_but_its_quotation_is_not()
    {
        var packet = SamplePackets.IPv6(IpProtocol.Udp, [1, 2, 3, 4, 5]);
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.False(IPv6Header.TryParse(packet.AsSpan(0, length), out _));
            Assert.Equal(length >= 40, IPv6Header.TryParseQuoted(packet.AsSpan(0, length), out _));
        }
        packet[0] = 0x45;
        Assert.False(IPv6Header.TryParse(packet, out _));
    }

    [Fact]
    public void Without_extensions_the_walk_ends_where_it_began()
    {
        var chain = Walk(IpProtocol.Tcp, SamplePackets.TcpSyn);
        Assert.Equal((IpProtocol.Tcp, 40), (chain.Protocol, chain.Offset));
        Assert.False(chain.HasFragmentHeader || chain.IsFragment);
    }

    [Fact]
    public void Every_extension_header_is_walked_over()
    {
        byte[] authentication = [(byte)IpProtocol.DestinationOptions, 4, .. new byte[22]];
        var chain = Walk(IpProtocol.HopByHopOptions,
            [.. SamplePackets.Extension(IpProtocol.Routing, 1), .. SamplePackets.Extension(IpProtocol.Fragment, 2),
                .. SamplePackets.FragmentHeader(IpProtocol.Ah, 0, true, 0xDEADBEEF), .. authentication,
                .. SamplePackets.Extension(IpProtocol.Udp), .. SamplePackets.Udp([1])]);
        Assert.Equal((IpProtocol.Udp, 40 + 16 + 24 + 8 + 24 + 8), (chain.Protocol, chain.Offset));
        Assert.Equal((80, 0, 0xDEADBEEFu), (chain.FragmentHeaderOffset, chain.FragmentOffset, chain.Identification));
        Assert.True(chain is { HasFragmentHeader: true, MoreFragments: true, IsFragment: true });
    }

    [Fact]
    public void Behind_a_later_fragment_nothing_is_a_header()
    {
        byte[] payload = [.. SamplePackets.FragmentHeader(IpProtocol.DestinationOptions, 1312, false, 9), 0xFF, 0xFF];
        var chain = Walk(IpProtocol.Fragment, payload);
        Assert.Equal((IpProtocol.DestinationOptions, 48), (chain.Protocol, chain.Offset));
        Assert.Equal((1312, false, true), (chain.FragmentOffset, chain.MoreFragments, chain.IsFragment));
    }

    [Fact]
    public void An_atomic_fragment_is_no_fragment()
    {
        var chain = Walk(IpProtocol.Fragment, [.. SamplePackets.FragmentHeader(IpProtocol.Udp, 0, false, 9), .. SamplePackets.Udp([])]);
        Assert.True(chain.HasFragmentHeader);
        Assert.False(chain.IsFragment);
    }

    [Theory]
    [InlineData(IpProtocol.Esp)]
    [InlineData(IpProtocol.NoNextHeader)]
    [InlineData(IpProtocol.IPv6)]
    public void What_is_no_extension_ends_the_walk(IpProtocol end)
    {
        var chain = Walk(IpProtocol.DestinationOptions, SamplePackets.Extension(end));
        Assert.Equal((end, 48), (chain.Protocol, chain.Offset));
    }

    [Theory]
    [InlineData(IpProtocol.HopByHopOptions, 2)]
    [InlineData(IpProtocol.Routing, 2)]
    [InlineData(IpProtocol.DestinationOptions, 2)]
    [InlineData(IpProtocol.Ah, 4)]
    public void An_extension_header_that_is_cut_short_is_refused(IpProtocol kind, byte length)
    {
        byte[] header = [(byte)IpProtocol.Udp, length, .. new byte[22]];
        for (var bytes = 0; bytes < header.Length; bytes++)
            Assert.False(TryWalk(kind, header[..bytes]));
        Assert.True(TryWalk(kind, header));
    }

    [Fact]
    public void Hop_by_hop_options_that_are_not_first_are_refused() =>
        Assert.False(TryWalk(IpProtocol.DestinationOptions,
            [.. SamplePackets.Extension(IpProtocol.HopByHopOptions), .. SamplePackets.Extension(IpProtocol.Udp)]));

    [Fact]
    public void A_chain_without_end_is_refused()
    {
        byte[] Chain(int headers) =>
        [
            .. Enumerable.Repeat(SamplePackets.Extension(IpProtocol.DestinationOptions), headers - 1).SelectMany(header => header),
            .. SamplePackets.Extension(IpProtocol.Udp),
        ];
        Assert.True(TryWalk(IpProtocol.DestinationOptions, Chain(IPv6ExtensionChain.MaxHeaders)));
        Assert.False(TryWalk(IpProtocol.DestinationOptions, Chain(IPv6ExtensionChain.MaxHeaders + 1)));
    }

    private static bool TryWalk(IpProtocol next, byte[] payload) =>
        IPv6Header.TryParse(SamplePackets.IPv6(next, payload), out var header) && header.TryWalk(out _);

    private static IPv6ExtensionChain Walk(IpProtocol next, byte[] payload)
    {
        Assert.True(IPv6Header.TryParse(SamplePackets.IPv6(next, payload), out var header));
        Assert.True(header.TryWalk(out var chain));
        return chain;
    }
}
