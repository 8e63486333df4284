using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public sealed class TransportTests : IDisposable
{
    private readonly Lab _lab = new(HostLink.Ip);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_closed_UDP_port_is_unreachable()
    {
        var request = IPv4(IpProtocol.Udp, Udp([1, 2, 3]));
        var answer = _lab.Ask(request);
        var packet = View.IPv4(answer);
        var message = View.Icmp(packet.Payload);
        Assert.Equal((IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.Port), (message.Type, message.Code));
        Assert.Equal(request, message.OriginalDatagram.ToArray());

        var request6 = IPv6(IpProtocol.Udp, Udp([1, 2, 3], over6: true));
        var packet6 = View.IPv6(_lab.Ask(request6));
        var message6 = View.Icmpv6(packet6);
        Assert.Equal((Icmpv6Type.DestinationUnreachable, (byte)Icmpv6UnreachableCode.Port), (message6.Type, message6.Code));
        Assert.Equal(request6, message6.OriginalDatagram.ToArray());
    }

    [Fact]
    public void UDP_may_lack_a_checksum_over_IPv4_but_not_over_IPv6()
    {
        var datagram = Udp([1, 2, 3]);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), 0);
        Assert.Single(_lab.Send(IPv4(IpProtocol.Udp, datagram)));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Udp, datagram), HostEvent.UdpInCsumErrors));
    }

    [Theory]
    [InlineData(TcpFlags.Syn, 0, 0u, 101u, TcpFlags.Rst | TcpFlags.Ack)]
    [InlineData(TcpFlags.Fin, 3, 0u, 104u, TcpFlags.Rst | TcpFlags.Ack)]
    [InlineData(TcpFlags.Ack, 5, 200u, 0u, TcpFlags.Rst)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, 0, 200u, 0u, TcpFlags.Rst)]
    public void A_closed_TCP_port_resets(TcpFlags flags, int data, uint sequence, uint acknowledgment, TcpFlags expected)
    {
        var packet = View.IPv4(_lab.Ask(IPv4(IpProtocol.Tcp, Tcp(flags, new byte[data]))));
        var packet6 = View.IPv6(_lab.Ask(IPv6(IpProtocol.Tcp, Tcp(flags, new byte[data], over6: true))));
        Check(packet.Payload, InternetChecksum.PseudoHeader(Our4, Their4, IpProtocol.Tcp, 20));
        Check(packet6.Payload, InternetChecksum.PseudoHeader(Our6, Their6, IpProtocol.Tcp, 20));

        void Check(ReadOnlySpan<byte> segment, uint pseudo)
        {
            Assert.True(TcpHeader.TryParse(segment, out var reset) && segment.Length == 20);
            Assert.True(InternetChecksum.IsValid(InternetChecksum.Sum(segment) + pseudo));
            Assert.Equal((80, 0x3039), (reset.SourcePort, reset.DestinationPort));
            Assert.Equal((sequence, acknowledgment, expected), (reset.SequenceNumber, reset.AcknowledgmentNumber, reset.Flags));
        }
    }

    [Fact]
    public void A_reset_is_not_answered()
    {
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Tcp, Tcp(TcpFlags.Rst, [])), HostEvent.NotAnswerable));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Tcp, Tcp(TcpFlags.Rst | TcpFlags.Ack, [], over6: true)), HostEvent.NotAnswerable));
    }

    [Fact]
    public void Unknown_protocols_are_complained_about()
    {
        var packet = View.IPv4(_lab.Ask(IPv4((IpProtocol)99, [1])));
        var message = View.Icmp(packet.Payload);
        Assert.Equal((IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.Protocol), (message.Type, message.Code));

        // An unknown header behind options: the pointer is at the field that names it.
        var packet6 = View.IPv6(_lab.Ask(IPv6(IpProtocol.DestinationOptions, [99, 0, 1, 4, 0, 0, 0, 0, 1])));
        var message6 = View.Icmpv6(packet6);
        Assert.Equal((Icmpv6Type.ParameterProblem, 1, 40u), (message6.Type, message6.Code, message6.ProblemPointer));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.NoNextHeader, [1]), HostEvent.NotAnswerable));
    }

    [Fact]
    public void Complaints_are_limited_and_more_may_follow_later()
    {
        var request = IPv4(IpProtocol.Udp, Udp([1]));
        var answers = _lab.Send([.. Enumerable.Repeat(request, 20)]);
        Assert.Equal(IcmpRateLimiter.DestinationBurst, answers.Length);
        Assert.Equal(20 - answers.Length, _lab.Host.Counters[HostEvent.RateLimited]);
        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(_lab.Send(request, request));
    }

    [Fact]
    public void No_complaint_answers_a_frame_for_many()
    {
        using var tap = new Lab();
        foreach (var packet in new[] { IPv4(IpProtocol.Udp, Udp([1])), IPv4(IpProtocol.Tcp, Tcp(TcpFlags.Syn, [])) })
            Assert.True(tap.Ignores(Frame(EtherType.IPv4, packet, MacAddress.Broadcast), HostEvent.NotAnswerable));
        Assert.Single(tap.Send(Frame(EtherType.IPv4, IPv4(IpProtocol.Icmp, Echo()), MacAddress.Broadcast)));
    }

    [Fact]
    public void A_known_or_partial_checksum_is_not_looked_at()
    {
        var (port, _) = MemoryPort.Pair();
        using var host = new Host(_lab.Options, port, _lab.Time);
        using var batch = new PacketBatch();
        var datagram = Udp([1, 2, 3]);
        datagram[6] ^= 1;
        batch.TryAdd(IPv4(IpProtocol.Udp, datagram));
        batch[0].Checksum = ChecksumState.Partial;
        host.Answer(batch);
        Assert.Equal(1, host.Counters[HostEvent.PortUnreachable]);
    }
}
