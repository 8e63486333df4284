using Qanat.Packets;
using Xunit;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public sealed class LinkTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("10.18.0.1")]
    [InlineData("0.0.0.0")] // a probe (RFC 5227)
    [InlineData("192.0.2.9")] // from another network
    public void A_request_for_our_address_is_answered_to_the_asker(string sender)
    {
        var frame = _lab.Ask(Frame(EtherType.Arp, Arp(Our4, Address4(sender)), MacAddress.Broadcast));
        var ethernet = View.Frame(frame);
        var reply = View.Arp(ethernet.Payload);
        Assert.Equal((TheirMac, OurMac, EtherType.Arp), (ethernet.Destination, ethernet.Source, ethernet.EtherType));
        Assert.Equal((ArpOperation.Reply, OurMac, Our4), (reply.Operation, reply.SenderHardwareAddress, reply.SenderProtocolAddress));
        Assert.Equal((TheirMac, Address4(sender)), (reply.TargetHardwareAddress, reply.TargetProtocolAddress));
    }

    [Fact]
    public void What_is_about_others_or_is_no_request_is_ignored()
    {
        Assert.True(_lab.Ignores(Frame(EtherType.Arp, Arp(Their4)), HostEvent.ArpIgnored)); // an announcement: for its own address
        Assert.True(_lab.Ignores(Frame(EtherType.Arp, Arp(new(0x0A12_0009))), HostEvent.ArpIgnored));
        Assert.True(_lab.Ignores(Frame(EtherType.Arp, Arp(Our4, operation: ArpOperation.Reply)), HostEvent.ArpIgnored));
    }

    [Fact]
    public void Requests_from_impossible_senders_are_not_answered()
    {
        foreach (var sender in new[] { "10.18.0.3", "224.0.0.5", "127.0.0.1", "255.255.255.255" })
            Assert.True(_lab.Ignores(Frame(EtherType.Arp, Arp(Our4, Address4(sender))), HostEvent.ArpInvalid));
        Assert.True(_lab.Ignores(Frame(EtherType.Arp, Arp(Our4, hardware: MacAddress.Broadcast)), HostEvent.ArpInvalid));
    }

    [Theory]
    [InlineData(0, 0, 32)] // hardware type
    [InlineData(2, 8, 6)] // protocol type
    [InlineData(4, 6, 8)] // hardware length
    [InlineData(5, 4, 16)] // protocol length
    public void Wrong_kinds_and_sizes_are_not_answered(int at, byte before, byte after)
    {
        var message = Arp(Our4);
        Assert.Equal(before, message[at]);
        message[at] = after;
        Assert.True(_lab.Ignores(Frame(EtherType.Arp, message), HostEvent.ArpInvalid));
    }

    [Fact]
    public void Short_frames_of_every_length_are_counted()
    {
        var frame = Frame(EtherType.Arp, Arp(Our4));
        for (var length = 0; length < frame.Length; length++)
            Assert.True(_lab.Ignores(frame[..length], HostEvent.PacketTooSmall));
    }

    [Fact]
    public void Frames_for_others_and_from_groups_are_not_looked_at()
    {
        var echo = IPv4(IpProtocol.Icmp, Echo());
        Assert.True(_lab.Ignores(Frame(EtherType.IPv4, echo, TheirMac), HostEvent.OtherHost));
        Assert.True(_lab.Ignores(Frame(EtherType.IPv4, echo, source: MacAddress.Broadcast), HostEvent.OtherHost));
        Assert.True(_lab.Ignores(Frame((EtherType)0x0100, new byte[256]), HostEvent.UnhandledProtocol)); // LLC
        Assert.True(_lab.Ignores(Frame(EtherType.Mpls, echo), HostEvent.UnhandledProtocol));
    }

    [Fact]
    public void Tags_with_a_priority_alone_are_taken_and_other_tags_are_not()
    {
        var echo = IPv4(IpProtocol.Icmp, Echo());
        Assert.Single(_lab.Send(Frame(EtherType.IPv4, echo, tag: [0x81, 0, 0xE0, 0])));
        Assert.Single(_lab.Send(Frame(EtherType.IPv4, echo, tag: [0x88, 0xA8, 0, 0, 0x81, 0, 0x20, 0])));
        Assert.True(_lab.Ignores(Frame(EtherType.IPv4, echo, tag: [0x81, 0, 0, 7]), HostEvent.VlanTag));
        Assert.True(_lab.Ignores(Frame(EtherType.IPv4, echo, tag: [0x81, 0, 0, 0, 0x81, 0, 0, 7]), HostEvent.VlanTag));
    }

    [Fact]
    public void A_TUN_tells_versions_apart_and_ignores_what_is_neither()
    {
        using var tun = new Lab(HostLink.Ip);
        Assert.Single(tun.Send(IPv4(IpProtocol.Icmp, Echo())));
        Assert.Single(tun.Send(IPv6(IpProtocol.Icmpv6, Echo6())));
        Assert.True(tun.Ignores([0x10, 0, 0], HostEvent.UnhandledProtocol));
        Assert.True(tun.Ignores([], HostEvent.PacketTooSmall));
        Assert.True(tun.Ignores([0x45, 0], HostEvent.PacketTooSmall));
    }
}
