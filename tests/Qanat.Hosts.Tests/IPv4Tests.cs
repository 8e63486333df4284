using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public sealed class IPv4Tests : IDisposable
{
    private readonly Lab _lab = new(HostLink.Ip);

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(56)]
    [InlineData(1472)]
    public void An_echo_keeps_identifier_sequence_number_data_and_TOS(int data)
    {
        var request = IPv4(IpProtocol.Icmp, Echo(data), tos: 0x28);
        var answer = _lab.Ask(request);
        Assert.True(IPv4Header.TryParse(answer, out var packet) && packet.HasValidChecksum);
        Assert.Equal((Our4, Their4, 64, 0x28), (packet.Source, packet.Destination, packet.TimeToLive, packet.TypeOfService));
        var message = View.Icmp(packet.Payload);
        Assert.Equal((IcmpType.EchoReply, 0x1234, 9), (message.Type, message.Identifier, message.SequenceNumber));
        Assert.Equal(Noise(data), message.Body.ToArray());
    }

    [Theory]
    [InlineData(576)]
    [InlineData(1500)]
    [InlineData(9000)]
    public void The_largest_echo_in_any_order_of_fragments_is_answered_in_fragments_that_fit(int mtu)
    {
        using var lab = new Lab(HostLink.Ip, mtu);
        var request = IPv4(IpProtocol.Icmp, Echo(65507));
        var fragments = Fragments.Of4(request, mtu);
        new Random(mtu).Shuffle(fragments);
        var answers = lab.Send(fragments);
        Assert.All(answers, answer => Assert.InRange(answer.Length, 20, mtu));
        var whole = Fragments.Join4(answers);
        Assert.Equal(Noise(65507), whole[28..]);
        Assert.Equal(1, lab.Host.Counters[HostEvent.EchoReply]);
        Assert.Equal(fragments.Length - 1, lab.Host.Counters[HostEvent.Fragment]);
    }

    [Theory]
    [InlineData("255.255.255.255")]
    [InlineData("10.18.0.255")]
    [InlineData("224.0.0.1")]
    public void Echo_and_timestamp_requests_to_many_are_ignored(string destination)
    {
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Echo(), destination: Address4(destination)), HostEvent.EchoIgnored));
        var timestamp = Icmp(IcmpType.Timestamp, 0, new byte[16]);
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, timestamp, destination: Address4(destination)), HostEvent.EchoIgnored));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Udp, Udp([1]), destination: Address4(destination)), HostEvent.UdpInCsumErrors));
        Assert.True(_lab.Ignores(IPv4((IpProtocol)99, [1], destination: Address4(destination)), HostEvent.NotAnswerable));
    }

    [Fact]
    public void A_timestamp_request_is_told_the_time_of_day()
    {
        var answer = _lab.Ask(IPv4(IpProtocol.Icmp, Icmp(IcmpType.Timestamp, 0, [0, 5, 0, 6, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0])));
        var message = answer.AsSpan(20);
        var header = View.Icmp(message);
        Assert.Equal((IcmpType.TimestampReply, 5, 6), (header.Type, header.Identifier, header.SequenceNumber));
        const uint now = ((3 * 60 + 4) * 60 + 5) * 1000 + 6;
        Assert.Equal((0x01020304u, now, now), (BinaryPrimitives.ReadUInt32BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(message[12..]), BinaryPrimitives.ReadUInt32BigEndian(message[16..])));
    }

    [Theory]
    [InlineData("10.18.0.4", HostEvent.InAddrErrors)]
    [InlineData("127.0.0.1", HostEvent.InAddrErrors)]
    [InlineData("224.0.0.5", HostEvent.InAddrErrors)]
    public void Packets_for_others_are_ignored(string destination, HostEvent why) =>
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Echo(), destination: Address4(destination)), why));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("10.18.0.255")]
    [InlineData("10.18.0.3")]
    public void Packets_from_nobody_are_ignored(string source) =>
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Echo(), source: Address4(source)), HostEvent.InvalidSource));

    [Fact]
    public void Wrong_headers_and_checksums_are_counted_by_kind()
    {
        var good = IPv4(IpProtocol.Icmp, Echo());
        Assert.True(_lab.Ignores(Spoilt(good, 8, 0xFF), HostEvent.InCsumErrors));
        Assert.True(_lab.Ignores(Spoilt(good, 0, 0x01), HostEvent.InHdrErrors)); // IHL 4
        Assert.True(_lab.Ignores(good[..^1], HostEvent.InTruncatedPkts));
        Assert.True(_lab.Ignores(Spoilt(good, 40, 1), HostEvent.IcmpInCsumErrors));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, [8, 0, 0, 0]), HostEvent.IcmpInErrors));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Icmp(IcmpType.EchoReply, 0, new byte[8])), HostEvent.IcmpIgnored));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Icmp((IcmpType)42, 0, new byte[8])), HostEvent.IcmpIgnored));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Udp, [1, 2, 3, 4]), HostEvent.UdpInErrors));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Udp, Spoilt(Udp([1]), 8, 1)), HostEvent.UdpInCsumErrors));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Tcp, [1, 2, 3, 4]), HostEvent.TcpInErrs));
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Tcp, Spoilt(Tcp(TcpFlags.Syn, []), 4, 1)), HostEvent.TcpInCsumErrors));
    }

    [Fact]
    public void Padding_behind_a_packet_is_not_part_of_it() =>
        Assert.Equal(28, _lab.Ask([.. IPv4(IpProtocol.Icmp, Echo(0)), 1, 2, 3]).Length);

    [Theory]
    [InlineData(new byte[] { 7, 3, 4, 0 }, null)] // a record of the route without room
    [InlineData(new byte[] { 7, 7, 3, 0, 0, 0, 0, 0 }, 22)] // its pointer points into itself
    [InlineData(new byte[] { 7, 2, 0, 0 }, 21)]
    [InlineData(new byte[] { 68, 40, 5, 0 }, 20)] // longer than the options
    [InlineData(new byte[] { 68, 8, 4, 0, 0, 0, 0, 0 }, 22)]
    [InlineData(new byte[] { 68, 4, 5, 0xF0 }, 23)] // nobody can count further
    [InlineData(new byte[] { 148, 3, 0, 0 }, 21)]
    [InlineData(new byte[] { 148, 4, 0, 0 }, null)]
    [InlineData(new byte[] { 1, 1, 99, 1 }, 22)]
    public void Options_that_make_no_sense_are_pointed_at(byte[] options, int? expected)
    {
        var answer = _lab.Ask(IPv4(IpProtocol.Icmp, Echo(), options: options));
        var packet = View.IPv4(answer);
        var message = View.Icmp(packet.Payload);
        Assert.Equal(expected is null ? IcmpType.EchoReply : IcmpType.ParameterProblem, message.Type);
        if (expected is { } at)
            Assert.Equal(at, message.ProblemPointer);
    }

    [Fact]
    public void The_way_and_the_times_are_recorded_and_sent_back()
    {
        byte[] route = [7, 15, 8, .. Four(Their4), .. new byte[8]];
        Assert.Equal([7, 15, 16, .. Four(Their4), .. Four(Our4), .. Four(Our4), 0], Filled([1, .. route]));

        const uint now = ((3 * 60 + 4) * 60 + 5) * 1000 + 6;
        byte[] times = [68, 12, 13, 1, .. Four(Their4), 0, 0, 0, 1]; // full: counted
        Assert.Equal([68, 12, 13, 0x11, .. Four(Their4), 0, 0, 0, 1], Filled(times));
        times = [68, 12, 5, 0, .. new byte[8]];
        Assert.Equal([68, 12, 13, 0, .. Four(new(now)), .. Four(new(now))], Filled(times));
    }

    [Fact]
    public void Nobody_chooses_the_way() =>
        Assert.True(_lab.Ignores(IPv4(IpProtocol.Icmp, Echo(), options: [131, 7, 4, .. Four(Their4), 0]), HostEvent.InHdrErrors));

    private byte[] Filled(byte[] options)
    {
        var answer = _lab.Ask(IPv4(IpProtocol.Icmp, Echo(), options: options));
        return View.IPv4(answer).Options.ToArray();
    }

    private static byte[] Four(IPv4Address address)
    {
        var bytes = new byte[4];
        address.Write(bytes);
        return bytes;
    }

    private static byte[] Spoilt(byte[] packet, int at, byte bits)
    {
        var spoilt = (byte[])packet.Clone();
        spoilt[at] ^= bits;
        return spoilt;
    }
}
