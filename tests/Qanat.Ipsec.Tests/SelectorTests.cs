using System.Net.Sockets;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

public class SelectorTests
{
    [Theory]
    [InlineData("10.1.2.3", 32, "10.1.2.3", true)]
    [InlineData("10.1.2.3", 32, "10.1.2.2", false)]
    [InlineData("10.1.2.0", 24, "10.1.2.255", true)]
    [InlineData("10.1.2.0", 24, "10.1.3.0", false)]
    [InlineData("10.1.2.0", 1, "127.0.0.1", true)]
    [InlineData("10.1.2.0", 1, "128.0.0.1", false)]
    [InlineData("10.1.2.0", 0, "fd00::1", true)]
    [InlineData("fd00::", 8, "fdff::1", true)]
    [InlineData("fd00::", 8, "fe00::1", false)]
    [InlineData("fd00::1", 128, "fd00::1", true)]
    [InlineData("fd00::1", 128, "fd00::", false)]
    [InlineData("::", 1, "10.0.0.1", false)]
    public void A_prefix_has_the_addresses_that_begin_with_its_bits(string prefix, int length, string address, bool expected) =>
        Assert.Equal(expected, new IpPrefix(Ip(prefix), length).Contains(Ip(address)));

    [Fact]
    public void Every_part_of_a_selector_counts()
    {
        var flow = new Flow(Ip("10.0.0.2"), Ip("10.0.0.1"), IpProtocol.Tcp, 1000, 443, 7);
        var all = Selector.All(AddressFamily.InterNetwork);
        Assert.All(
            (Selector[])
            [
                all, all with { Source = new(Ip("10.0.0.2"), 32) }, all with { Destination = new(Ip("10.0.0.0"), 30) },
                all with { Protocol = IpProtocol.Tcp }, all with { SourcePort = 1000, SourcePortMask = 0xFFFF },
                all with { DestinationPort = 400, DestinationPortMask = 0xFF00 }, all with { Interface = 7 },
            ],
            selector => Assert.True(selector.HasFamilyOf(flow) && selector.Matches(flow)));
        Assert.All(
            (Selector[])
            [
                all with { Source = new(Ip("10.0.0.3"), 32) }, all with { Destination = new(Ip("10.0.0.4"), 30) },
                all with { Protocol = IpProtocol.Udp }, all with { SourcePort = 1001, SourcePortMask = 0xFFFF },
                all with { DestinationPort = 80, DestinationPortMask = 0xFF00 }, all with { Interface = 8 },
            ],
            selector => Assert.False(selector.Matches(flow)));
        Assert.False(Selector.All(AddressFamily.InterNetworkV6).HasFamilyOf(flow));
        Assert.True(new Selector().HasFamilyOf(flow) && new Selector().Matches(flow));
    }

    [Theory]
    [InlineData("4500001c000000004006000001020304050607080050 01bb00000000", IpProtocol.Tcp, 80, 443)]
    [InlineData("4500001c000000004001000001020304050607080800 000000000000", IpProtocol.Icmp, 8, 0)]
    [InlineData("4500001c0000200040110000010203040506070803e8 07d000080000", IpProtocol.Udp, 0, 0)] // a first fragment
    [InlineData("4500001c0000000140110000010203040506070803e8 07d000080000", IpProtocol.Udp, 0, 0)] // and a later one
    [InlineData("4500001c00000000402f000001020304050607082000 0800000a000b", IpProtocol.Gre, 10, 11)] // a key
    [InlineData("4500002000000000402f00000102030405060708a000 0800ffff0000000a000b", IpProtocol.Gre, 10, 11)] // behind a checksum
    [InlineData("4500001c00000000402f000001020304050607080000 0800000a000b", IpProtocol.Gre, 0, 0)] // no key
    [InlineData("450000160000000040060000010203040506070800 50", IpProtocol.Tcp, 0, 0)] // too short for ports
    public void A_flow_is_read_as_the_kernel_does(string hex, IpProtocol protocol, ushort source, ushort destination)
    {
        ArgumentNullException.ThrowIfNull(hex);
        Assert.True(Flow.TryParse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out var flow));
        Assert.Equal(new Flow(Ip("1.2.3.4"), Ip("5.6.7.8"), protocol, source, destination), flow);
    }

    [Fact]
    public void Extension_headers_of_ipv6_are_walked_over_but_fragments_have_no_ports()
    {
        var packet = new byte[40 + 8 + 8];
        packet[0] = 0x60;
        packet[5] = 16;
        packet[6] = (byte)IpProtocol.DestinationOptions;
        packet[40] = (byte)IpProtocol.Udp;
        packet[48] = 1;
        packet[50] = 2;
        Assert.True(Flow.TryParse(packet, out var flow));
        Assert.Equal((IpProtocol.Udp, (ushort)256, (ushort)512, true), (flow.Protocol, flow.SourcePort, flow.DestinationPort, flow.IsIPv6));
        packet[6] = (byte)IpProtocol.Fragment;
        Assert.True(Flow.TryParse(packet, out flow));
        Assert.Equal((IpProtocol.Udp, (ushort)0), (flow.Protocol, flow.SourcePort));
        Assert.False(Flow.TryParse(packet.AsSpan(0, 39), out _));
        Assert.False(Flow.TryParse([], out _));
    }

    [Theory]
    [InlineData(XfrmStateFlags.None, XfrmStateExtraFlags.None, 0xBB, 0xBA)] // CE goes out as ECT(0)
    [InlineData(XfrmStateFlags.None, XfrmStateExtraFlags.None, 0xB9, 0xB9)]
    [InlineData(XfrmStateFlags.NoEcn, XfrmStateExtraFlags.None, 0xB9, 0xB8)]
    [InlineData(XfrmStateFlags.None, XfrmStateExtraFlags.DontEncapDscp, 0xB9, 0x01)]
    [InlineData(XfrmStateFlags.NoEcn, XfrmStateExtraFlags.DontEncapDscp, 0xB9, 0x00)]
    public void The_outer_tos_is_the_inner_one_by_the_flags(XfrmStateFlags flags, XfrmStateExtraFlags extra, byte inner, byte outer) =>
        Assert.Equal(outer, OuterFields.TypeOfService(Tunnel(Gcm()) with { Flags = flags, ExtraFlags = extra }, inner));

    [Theory]
    [InlineData(XfrmStateFlags.None, 0xBB, 0x02, 0x03)] // congestion reaches the inner packet
    [InlineData(XfrmStateFlags.None, 0xBB, 0x00, 0x00)] // which does not know of it
    [InlineData(XfrmStateFlags.None, 0xB9, 0x02, 0x02)]
    [InlineData(XfrmStateFlags.NoEcn, 0xBB, 0x02, 0x02)]
    [InlineData(XfrmStateFlags.DecapDscp, 0xBB, 0x12, 0xBB)]
    [InlineData(XfrmStateFlags.DecapDscp, 0xB8, 0x11, 0xB9)]
    public void The_inner_tos_comes_back_by_the_flags(XfrmStateFlags flags, byte outer, byte inner, byte expected) =>
        Assert.Equal(expected, OuterFields.Restore(Tunnel(Gcm()) with { Flags = flags }, outer, inner));

    [Theory]
    [InlineData(XfrmStateFlags.None, true, true)]
    [InlineData(XfrmStateFlags.None, false, false)]
    [InlineData(XfrmStateFlags.NoPathMtuDiscovery, true, false)]
    public void The_outer_packet_has_df_as_the_inner_one(XfrmStateFlags flags, bool inner, bool outer) =>
        Assert.Equal(outer, OuterFields.DontFragment(Tunnel(Gcm()) with { Flags = flags }, inner));
}
