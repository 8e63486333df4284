using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class IPv4HeaderTests
{
    [Fact]
    public void Sizes_are_those_of_the_wire() => Assert.Equal((20, 60), (IPv4Header.MinSize, IPv4Header.MaxSize));

    [Fact]
    public void A_known_header_shows_its_fields()
    {
        var packet = Convert.FromHexString("45ba0018abcd60b94011" + "0000" + "c0a80001c0a800c7" + "01020304" + "ffff");
        IPv4Header.UpdateChecksum(packet);
        Assert.True(IPv4Header.TryParse(packet, out var header));
        Assert.Equal((4, 20, 24), (header.Version, header.HeaderLength, header.TotalLength));
        Assert.Equal((0xBA, 0x2E, Ecn.Ect0), (header.TypeOfService, header.Dscp, header.Ecn));
        Assert.Equal((0xABCD, 0xB9 * 8), (header.Identification, header.FragmentOffset));
        Assert.True(header is { DontFragment: true, MoreFragments: true, IsFragment: true });
        Assert.Equal((64, IpProtocol.Udp), (header.TimeToLive, header.Protocol));
        Assert.Equal("192.168.0.1", header.Source.ToString());
        Assert.Equal("192.168.0.199", header.Destination.ToString());
        Assert.Equal("01020304", Convert.ToHexString(header.Payload));
        Assert.True(header.Options.IsEmpty);
        Assert.True(header.HasValidChecksum);
    }

    [Fact]
    public void The_checksum_is_that_of_a_real_header()
    {
        var packet = Convert.FromHexString("45000073000040004011b861c0a80001c0a800c7");
        Assert.True(IPv4Header.TryParseQuoted(packet, out var header));
        Assert.Equal(0xB861, header.HeaderChecksum);
        Assert.True(header.HasValidChecksum);
        packet[8]--;
        Assert.False(header.HasValidChecksum);

        IPv4Header.Write(packet, 0, 0x73, 0, true, 64, IpProtocol.Udp, new(0xC0A80001), new(0xC0A800C7));
        Assert.Equal("45000073000040004011B861C0A80001C0A800C7", Convert.ToHexString(packet));
    }

    [Fact]
    public void Options_lie_between_header_and_payload()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, [9, 9], options: [7, 7, 4, 0, 0, 0, 0, 0]);
        Assert.True(IPv4Header.TryParse(packet, out var header));
        Assert.Equal(28, header.HeaderLength);
        Assert.Equal([7, 7, 4, 0, 0, 0, 0, 0], header.Options.ToArray());
        Assert.Equal([9, 9], header.Payload.ToArray());
        Assert.True(header.HasValidChecksum);
    }

    [Theory]
    [InlineData(0, 0x55)] // version 5
    [InlineData(0, 0x65)] // version 6
    [InlineData(0, 0x44)] // IHL below 5
    [InlineData(0, 0x47)] // IHL beyond the buffer, and beyond Total Length
    [InlineData(3, 19)] // Total Length below the header
    [InlineData(3, 26)] // Total Length beyond the buffer
    public void A_header_that_contradicts_the_buffer_is_refused(int at, byte value)
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, [1, 2, 3, 4, 5]);
        Assert.True(IPv4Header.TryParse(packet, out _));
        packet[at] = value;
        Assert.False(IPv4Header.TryParse(packet, out _));
    }

    [Fact]
    public void A_packet_is_refused_at_every_length_below_its_own_but_its_quotation_is_not()
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, [1, 2, 3, 4, 5], options: [1, 1, 1, 0]);
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.False(IPv4Header.TryParse(packet.AsSpan(0, length), out _));
            Assert.Equal(length >= 24, IPv4Header.TryParseQuoted(packet.AsSpan(0, length), out var quoted));
            if (length >= 24)
                Assert.Equal(length - 24, quoted.Payload.Length);
        }
    }

    [Fact]
    public void Link_padding_is_no_payload()
    {
        byte[] padded = [.. SamplePackets.IPv4(IpProtocol.Udp, [1, 2]), .. new byte[24]];
        Assert.True(IPv4Header.TryParse(padded, out var header));
        Assert.Equal([1, 2], header.Payload.ToArray());
        Assert.Equal(22, header.Packet.Length);
    }

    [Fact]
    public void What_is_written_is_read_again() => Prop.ForAll(_fields.ToArbitrary(), f =>
    {
        var packet = new byte[ushort.MaxValue];
        IPv4Header.Write(packet, f.Tos, f.Length, f.Id, f.Df, f.Ttl, f.Protocol, f.Source, f.Destination, f.More, f.Offset);
        return IPv4Header.TryParse(packet, out var header) && header.HasValidChecksum && f == new Fields(header.TypeOfService,
            header.TotalLength, header.Identification, header.DontFragment, header.TimeToLive, header.Protocol, header.Source,
            header.Destination, header.MoreFragments, header.FragmentOffset);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Setters_change_their_field_alone_and_keep_the_checksum_right() => Prop.ForAll(_fields.Two().ToArbitrary(), two =>
    {
        var (f, g) = two;
        var packet = new byte[ushort.MaxValue];
        var expected = new byte[IPv4Header.MinSize];
        IPv4Header.Write(packet, f.Tos, f.Length, f.Id, f.Df, f.Ttl, f.Protocol, f.Source, f.Destination, f.More, f.Offset);
        IPv4Header.Write(expected, g.Tos, g.Length, g.Id, g.Df, g.Ttl, f.Protocol, f.Source, f.Destination, f.More, f.Offset);
        IPv4Header.SetTypeOfService(packet, g.Tos);
        IPv4Header.SetTotalLength(packet, g.Length);
        IPv4Header.SetIdentification(packet, g.Id);
        IPv4Header.SetDontFragment(packet, g.Df);
        IPv4Header.SetTimeToLive(packet, g.Ttl);
        return packet.AsSpan(0, IPv4Header.MinSize).SequenceEqual(expected);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0xB9, Ecn.Ce, 0xBB)]
    [InlineData(0xBB, Ecn.NotEct, 0xB8)]
    [InlineData(0x00, Ecn.Ect0, 0x02)]
    public void Ecn_is_set_without_touching_dscp(byte before, Ecn ecn, byte after)
    {
        var packet = SamplePackets.IPv4(IpProtocol.Udp, [], options: [1, 1, 1, 1], tos: before);
        IPv4Header.SetEcn(packet, ecn);
        Assert.True(IPv4Header.TryParse(packet, out var header));
        Assert.Equal(after, header.TypeOfService);
        Assert.True(header.HasValidChecksum);
    }

    private sealed record Fields(byte Tos, int Length, ushort Id, bool Df, byte Ttl, IpProtocol Protocol, IPv4Address Source,
        IPv4Address Destination, bool More, int Offset);

    private static readonly Gen<Fields> _fields =
        from bytes in Gen.Choose(0, 255).ArrayOf(13)
        from length in Gen.Choose(IPv4Header.MinSize, ushort.MaxValue)
        from offset in Gen.Choose(0, 0x1FFF)
        from flags in Gen.Choose(0, 3)
        select new Fields((byte)bytes[0], length, (ushort)(bytes[1] << 8 | bytes[2]), (flags & 1) != 0, (byte)bytes[3],
            (IpProtocol)bytes[4], Address(bytes, 5), Address(bytes, 9), (flags & 2) != 0, offset * 8);

    private static IPv4Address Address(int[] bytes, int at) =>
        new((uint)(bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]));
}
