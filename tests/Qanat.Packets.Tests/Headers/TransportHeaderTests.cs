using Xunit;

namespace Qanat.Packets.Tests.Headers;

public class TransportHeaderTests
{
    [Fact]
    public void Sizes_are_those_of_the_wire() =>
        Assert.Equal((20, 60, 8, 8, 8), (TcpHeader.MinSize, TcpHeader.MaxSize, UdpHeader.Size, IcmpHeader.Size, Icmpv6Header.Size));

    [Fact]
    public void A_syn_shows_its_fields_and_options()
    {
        Assert.True(TcpHeader.TryParse(SamplePackets.TcpSyn, out var tcp));
        Assert.Equal((54321, 443), (tcp.SourcePort, tcp.DestinationPort));
        Assert.Equal((1234567890u, 0u), (tcp.SequenceNumber, tcp.AcknowledgmentNumber));
        Assert.Equal((40, TcpFlags.Syn, 64240), (tcp.HeaderLength, tcp.Flags, tcp.Window));
        Assert.Equal((0, 0), (tcp.Checksum, tcp.UrgentPointer));
        Assert.Equal("020405B40402080A112233440000000001030307", Convert.ToHexString(tcp.Options));
        Assert.True(tcp.Payload.IsEmpty);
    }

    [Fact]
    public void All_nine_flags_of_tcp_are_read()
    {
        var segment = new byte[21];
        (segment[12], segment[13]) = (0x5F, 0xFF);
        Assert.True(TcpHeader.TryParse(segment, out var tcp));
        Assert.Equal(TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Psh | TcpFlags.Ack | TcpFlags.Urg | TcpFlags.Ece |
            TcpFlags.Cwr | TcpFlags.Ae, tcp.Flags);
        Assert.Equal(1, tcp.Payload.Length);
    }

    [Fact]
    public void A_segment_shorter_than_its_header_is_refused()
    {
        var segment = SamplePackets.TcpSyn;
        for (var length = 0; length < segment.Length; length++)
            Assert.False(TcpHeader.TryParse(segment.AsSpan(0, length), out _));
        segment[12] = 0x40;
        Assert.False(TcpHeader.TryParse(segment, out _));
    }

    [Fact]
    public void A_datagram_ends_where_its_length_says()
    {
        byte[] datagram = [.. SamplePackets.Udp([1, 2, 3]), 0xFF];
        Assert.True(UdpHeader.TryParse(datagram, out var udp));
        Assert.Equal((5555, 53, 11, 0), (udp.SourcePort, udp.DestinationPort, udp.Length, udp.Checksum));
        Assert.Equal([1, 2, 3], udp.Payload.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(12)]
    public void A_datagram_whose_length_is_impossible_is_refused(byte length)
    {
        var datagram = SamplePackets.Udp([1, 2, 3]);
        Assert.False(UdpHeader.TryParse(datagram.AsSpan(0, 7), out _));
        datagram[5] = length;
        Assert.False(UdpHeader.TryParse(datagram, out _));
    }

    [Fact]
    public void An_echo_request_shows_its_fields_and_quotes_nothing()
    {
        var message = Convert.FromHexString("080048d1046d0001" + "93cc006b");
        Assert.True(IcmpHeader.TryParse(message, out var icmp));
        Assert.Equal((IcmpType.EchoRequest, 0, 0x48D1), (icmp.Type, icmp.Code, icmp.Checksum));
        Assert.Equal((0x046D, 1), (icmp.Identifier, icmp.SequenceNumber));
        Assert.Equal("93CC006B", Convert.ToHexString(icmp.Body));
        Assert.False(icmp.IsError || icmp.TryGetOriginal(out _));
        Assert.True(icmp.OriginalDatagram.IsEmpty);
        Assert.False(IcmpHeader.TryParse(message.AsSpan(0, 7), out _));
    }

    [Fact]
    public void An_error_yields_whose_packet_it_was_once_eight_bytes_of_it_came_back()
    {
        var original = SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Udp(new byte[1000]));
        byte[] message = [3, 4, 0, 0, 0, 0, 0x05, 0x78, .. original[..28]];
        Assert.True(IcmpHeader.TryParse(message, out var icmp));
        Assert.Equal(1400, icmp.NextHopMtu);
        Assert.True(icmp.TryGetOriginal(out var quoted));
        Assert.Equal((1028, 8, SamplePackets.There), (quoted.TotalLength, quoted.Payload.Length, quoted.Destination));

        Assert.True(IcmpHeader.TryParse(message.AsSpan(0, message.Length - 1), out icmp));
        Assert.False(icmp.TryGetOriginal(out _));
    }

    [Theory]
    [InlineData(11, 32, 128)] // as RFC 4884 has it
    [InlineData(11, 16, 200)] // shorter than it may be: no extensions
    [InlineData(11, 60, 200)] // longer than what is there
    [InlineData(11, 0, 200)]
    [InlineData(5, 32, 200)] // a redirect knows no extensions: that byte is of its gateway
    public void Extensions_behind_the_quotation_are_not_quoted(byte type, byte words, int quoted)
    {
        byte[] message = [type, 0, 0, 0, 0, words, 0, 0, .. new byte[200]];
        Assert.True(IcmpHeader.TryParse(message, out var icmp));
        Assert.Equal(quoted, icmp.OriginalDatagram.Length);
    }

    [Theory]
    [InlineData(3, 16, 128)]
    [InlineData(3, 15, 200)]
    [InlineData(3, 26, 200)]
    [InlineData(2, 16, 200)] // packet too big: that byte is of its MTU
    public void Extensions_behind_the_quotation_of_icmpv6_are_not_quoted(byte type, byte units, int quoted)
    {
        byte[] message = [type, 0, 0, 0, units, 0, 0, 0, .. new byte[200]];
        Assert.True(Icmpv6Header.TryParse(message, out var icmp));
        Assert.Equal(quoted, icmp.OriginalDatagram.Length);
    }

    [Fact]
    public void An_icmpv6_echo_reply_shows_its_fields()
    {
        Assert.True(Icmpv6Header.TryParse([129, 0, 0xAB, 0xCD, 0, 1, 0, 2, 3], out var icmp));
        Assert.Equal((Icmpv6Type.EchoReply, 0, 0xABCD), (icmp.Type, icmp.Code, icmp.Checksum));
        Assert.Equal((1, 2, 0x10002u), (icmp.Identifier, icmp.SequenceNumber, icmp.RestOfHeader));
        Assert.Equal([3], icmp.Body.ToArray());
        Assert.False(icmp.IsError);
        Assert.True(icmp.OriginalDatagram.IsEmpty);
        Assert.False(Icmpv6Header.TryParse(new byte[7], out _));
    }

    [Fact]
    public void Errors_and_queries_are_told_apart_as_the_kernel_does()
    {
        int[] errors = [3, 4, 5, 11, 12];
        int[] queries = [0, 8, 13, 14, 15, 16, 17, 18];
        for (var type = 0; type <= 255; type++)
        {
            Assert.Equal(errors.Contains(type), ((IcmpType)type).IsError());
            Assert.Equal(queries.Contains(type), ((IcmpType)type).IsQuery());
        }
    }
}
