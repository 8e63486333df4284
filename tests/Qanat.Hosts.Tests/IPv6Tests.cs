using Qanat.Packets;
using Xunit;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public sealed class IPv6Tests : IDisposable
{
    private readonly Lab _lab = new(HostLink.Ip);

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(56)]
    [InlineData(1452)]
    public void An_echo_keeps_identifier_sequence_number_and_data(int data)
    {
        Assert.True(IPv6Header.TryParse(_lab.Ask(IPv6(IpProtocol.Icmpv6, Echo6(data))), out var packet));
        Assert.Equal((Our6, Their6, 64), (packet.Source, packet.Destination, packet.HopLimit));
        var message = View.Icmpv6(packet);
        Assert.Equal((Icmpv6Type.EchoReply, 0x1234, 9), (message.Type, message.Identifier, message.SequenceNumber));
        Assert.Equal(Noise(data), message.Body.ToArray());
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(9000)]
    public void A_large_echo_in_any_order_of_fragments_is_answered_in_fragments_that_fit(int mtu)
    {
        using var lab = new Lab(HostLink.Ip, mtu);
        var fragments = Fragments.Of6(IPv6(IpProtocol.Icmpv6, Echo6(65000)), mtu);
        new Random(mtu).Shuffle(fragments);
        var answers = lab.Send(fragments);
        Assert.All(answers, answer => Assert.InRange(answer.Length, 40, mtu));
        Assert.Equal(Noise(65000), Fragments.Join6(answers)[48..]);
    }

    [Theory]
    [InlineData("ff02::1", "fe80::1", "fe80::aff:fe12:3")] // made of 02:00:0a:12:00:03
    [InlineData("ff02::1", "fd18::1", "fd18::3")]
    [InlineData("ff02::1:ff00:3", "fd18::1", "fd18::3")]
    public void An_echo_to_many_is_answered_from_a_single_address(string destination, string source, string expected)
    {
        using var lab = new Lab();
        var (to, from) = (Address6(destination), Address6(source));
        var frame = lab.Ask(Frame(EtherType.IPv6, IPv6(IpProtocol.Icmpv6, Echo6(8, from, to), from, to), new MacAddress(0x3333_0000_0001)));
        var ethernet = View.Frame(frame);
        var packet = View.IPv6(ethernet.Payload);
        Assert.Equal((Address6(expected), from, TheirMac), (packet.Source, packet.Destination, ethernet.Destination));
    }

    [Theory]
    [InlineData("ff02::1", HostEvent.InvalidSource)]
    [InlineData("::1", HostEvent.InvalidSource)]
    [InlineData("fd18::3", HostEvent.InvalidSource)]
    [InlineData("::", HostEvent.EchoIgnored)]
    public void Nobody_is_not_answered(string source, HostEvent why) =>
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Icmpv6, Echo6(8, Address6(source)), Address6(source)), why));

    [Theory]
    [InlineData("fd18::4")]
    [InlineData("ff02::2")]
    [InlineData("::1")]
    public void Packets_for_others_are_ignored(string destination)
    {
        var to = Address6(destination);
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Icmpv6, Echo6(8, destination: to), destination: to), HostEvent.InAddrErrors));
    }

    [Fact]
    public void Wrong_messages_are_counted_by_kind()
    {
        var good = IPv6(IpProtocol.Icmpv6, Echo6());
        Assert.True(_lab.Ignores(good[..^1], HostEvent.InTruncatedPkts));
        Assert.True(_lab.Ignores(good[..39], HostEvent.PacketTooSmall));
        good[50] ^= 1;
        Assert.True(_lab.Ignores(good, HostEvent.IcmpInCsumErrors));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Icmpv6, [128, 0, 0]), HostEvent.IcmpInErrors));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Icmpv6, Icmpv6(Icmpv6Type.RouterAdvertisement, new byte[12])), HostEvent.IcmpIgnored));
        Assert.True(_lab.Ignores(IPv6(IpProtocol.Icmpv6, Icmpv6(Icmpv6Type.DestinationUnreachable, new byte[52])), HostEvent.IcmpIgnored));
    }

    // What the two highest bits of an unknown option ask for (RFC 8200, 4.2), to us and to many.
    [Theory]
    [InlineData(0x1E, false, "answered")]
    [InlineData(0x5E, false, "dropped")]
    [InlineData(0x9E, false, "told")]
    [InlineData(0xDE, false, "told")]
    [InlineData(0x1E, true, "answered")]
    [InlineData(0x9E, true, "told")]
    [InlineData(0xDE, true, "dropped")]
    public void Unknown_options_are_treated_as_they_ask_for(byte option, bool toMany, string expected)
    {
        foreach (var header in new[] { IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions })
        {
            var to = toMany ? Address6("ff02::1") : Our6;
            byte[] payload = [(byte)IpProtocol.Icmpv6, 0, 1, 0, option, 2, 0, 0, .. Echo6(8, destination: to)];
            var answers = _lab.Send(IPv6(header, payload, destination: to));
            if (expected == "dropped")
            {
                Assert.Empty(answers);
                continue;
            }
            var packet = View.IPv6(Assert.Single(answers));
            var message = View.Icmpv6(packet);
            Assert.Equal(expected == "told" ? Icmpv6Type.ParameterProblem : Icmpv6Type.EchoReply, message.Type);
            if (expected == "told")
                Assert.Equal((2, 44u, Our6), (message.Code, message.ProblemPointer, packet.Source));
        }
    }

    [Theory]
    [InlineData(new byte[] { 58, 0, 1, 4, 0, 0, 0, 0 }, HostEvent.EchoReply)]
    [InlineData(new byte[] { 58, 0, 5, 2, 0, 0, 1, 0 }, HostEvent.EchoReply)] // router alert
    [InlineData(new byte[] { 58, 0, 5, 4, 0, 0, 0, 0 }, HostEvent.InHdrErrors)] // of a wrong length
    [InlineData(new byte[] { 58, 0, 1, 4, 0, 0, 0, 1 }, HostEvent.InHdrErrors)] // padding that hides something
    [InlineData(new byte[] { 58, 0, 1, 5, 0, 0, 0, 0 }, HostEvent.InHdrErrors)] // beyond the header
    [InlineData(new byte[] { 58, 0, 1, 3, 0, 0, 0, 30 }, HostEvent.InHdrErrors)] // a type without a length
    [InlineData(new byte[] { 58, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, HostEvent.InHdrErrors)] // too much padding
    [InlineData(new byte[] { 0, 0, 1, 4, 0, 0, 0, 0, 58, 0, 1, 4, 0, 0, 0, 0 }, HostEvent.InHdrErrors)] // not the first
    public void Hop_by_hop_options_are_checked(byte[] header, HostEvent expected)
    {
        _lab.Send(IPv6(IpProtocol.HopByHopOptions, [.. header, .. Echo6(8)]));
        Assert.Equal(1, _lab.Host.Counters[expected]);
    }

    [Theory]
    [InlineData(0, 0, HostEvent.EchoReply)]
    [InlineData(0, 1, HostEvent.ParameterProblem)]
    [InlineData(4, 0, HostEvent.InHdrErrors)]
    public void Routing_headers_are_not_followed(byte type, byte segmentsLeft, HostEvent expected)
    {
        _lab.Send(IPv6(IpProtocol.Routing, [58, 0, type, segmentsLeft, 0, 0, 0, 0, .. Echo6(8)]));
        Assert.Equal(1, _lab.Host.Counters[expected]);
    }

    [Fact]
    public void Atomic_fragments_wait_for_nobody() =>
        Assert.Single(_lab.Send(IPv6(IpProtocol.Fragment, [58, 0, 0, 0, 0, 0, 0, 1, .. Echo6(8)])));

    [Fact]
    public void Fragments_that_cannot_be_are_complained_about()
    {
        Check([17, 0, 0, 1, 0, 0, 0, 1, .. new byte[9]], 0, 4); // a length that is no multiple of 8
        Check([58, 0, 0xFF, 0xF8, 0, 0, 0, 1, .. new byte[8]], 0, 42); // beyond the largest packet
        Check([6, 0, 0, 1, 0, 0, 0, 1, .. new byte[16]], 3, 0); // a TCP header in two pieces

        void Check(byte[] payload, byte code, uint at)
        {
            var packet = View.IPv6(_lab.Ask(IPv6(IpProtocol.Fragment, payload)));
            var message = View.Icmpv6(packet);
            Assert.Equal((Icmpv6Type.ParameterProblem, code, at), (message.Type, message.Code, message.ProblemPointer));
        }
    }
}
