using Qanat.Packets;
using Xunit;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public sealed class NeighbourDiscoveryTests : IDisposable
{
    private static readonly IPv6Address Group = Address6("ff02::1:ff00:3"), LinkLocal = Address6("fe80::aff:fe12:3");
    private static readonly byte[] SourceOption = [1, 1, 2, 1, 2, 3, 4, 5];
    private static readonly byte[] TargetOption = [2, 1, 2, 0, 0x0A, 0x12, 0, 3];

    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Who_asks_the_group_is_told_the_address()
    {
        var message = Ask(Our6, Their6, Group, SourceOption, out var packet, out var frame);
        Assert.Equal((Our6, Their6, 255, TheirMac), (packet.Source, packet.Destination, packet.HopLimit, frame.Destination));
        Assert.Equal(0x60, message[4]); // solicited, override
        Assert.Equal(Our6, IPv6Address.Read(message.AsSpan(8)));
        Assert.Equal(TargetOption, message[24..]);
    }

    [Fact]
    public void Who_asks_us_alone_knows_the_address()
    {
        var message = Ask(Our6, Their6, Our6, SourceOption, out _, out _);
        Assert.Equal((0x40, 24), (message[4], message.Length));
    }

    [Fact]
    public void The_link_local_address_is_made_of_the_Ethernet_address_and_ours_too() =>
        Ask(LinkLocal, Address6("fe80::1"), LinkLocal, SourceOption, out _, out _);

    [Fact]
    public void A_probe_for_duplicates_is_answered_to_all_nodes()
    {
        var message = Ask(Our6, IPv6Address.Any, Group, [], out var packet, out var frame);
        Assert.Equal((Address6("ff02::1"), new MacAddress(0x3333_0000_0001)), (packet.Destination, frame.Destination));
        Assert.Equal(0x20, message[4]);
        Assert.Equal(TargetOption, message[24..]);
    }

    [Fact]
    public void What_breaks_a_rule_is_not_answered()
    {
        Assert.True(Ignores(Our6, Their6, Group, SourceOption, hopLimit: 254));
        Assert.True(Ignores(Our6, Their6, Group, SourceOption, code: 1));
        Assert.True(Ignores(Our6, IPv6Address.Any, Group, SourceOption)); // a probe has no address to tell
        Assert.True(Ignores(Our6, IPv6Address.Any, Our6, [])); // nor is it sent to one
        Assert.True(Ignores(Our6, Their6, Group, [1, 0, 2, 1, 2, 3, 4, 5])); // an option without length
        Assert.True(Ignores(Our6, Their6, Group, [1, 2, 2, 1, 2, 3, 4, 5])); // longer than the packet
        Assert.True(Ignores(Our6, Their6, Group, [14])); // cut short
        Assert.True(Ignores(Group, Their6, Group, SourceOption));
        Assert.True(Ignores(Address6("fd18::1:0:0:3"), Their6, Group, SourceOption, why: HostEvent.IcmpIgnored)); // another's
    }

    [Fact]
    public void Unknown_options_are_passed_over() =>
        Ask(Our6, Their6, Group, [14, 1, 0, 0, 0, 0, 0, 0, .. SourceOption], out _, out _);

    private byte[] Ask(IPv6Address target, IPv6Address source, IPv6Address destination, byte[] options,
        out IPv6Header packet, out EthernetHeader frame)
    {
        var request = IPv6(IpProtocol.Icmpv6, Solicitation(target, source, destination, options), source, destination);
        var answer = _lab.Ask(Frame(EtherType.IPv6, request, new MacAddress(0x3333_FF00_0003)));
        frame = View.Frame(answer);
        packet = View.IPv6(frame.Payload);
        Assert.Equal(Icmpv6Type.NeighborAdvertisement, View.Icmpv6(packet).Type);
        return packet.Payload.ToArray();
    }

    private bool Ignores(IPv6Address target, IPv6Address source, IPv6Address destination, byte[] options, byte hopLimit = 255,
        byte code = 0, HostEvent why = HostEvent.NdiscInvalid)
    {
        var message = Solicitation(target, source, destination, options);
        message = Icmpv6(Icmpv6Type.NeighborSolicitation, message[4..], source, destination, code);
        return _lab.Ignores(Frame(EtherType.IPv6, IPv6(IpProtocol.Icmpv6, message, source, destination, hopLimit)), why);
    }
}
