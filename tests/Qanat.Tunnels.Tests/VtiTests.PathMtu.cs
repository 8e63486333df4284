using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <content>Packets larger than the path.</content>
public partial class VtiTests
{
    [Fact]
    public void A_path_that_ICMP_tells_of_is_told_to_the_inner_sender()
    {
        using var pair = new VtiPair();
        var packet = pair.Seal(Inner(1400, df: true));
        pair.A.FromIcmp(IcmpError(packet, 3, 4, mtu: 1300));
        Assert.Empty(pair.A.FromDevice(Inner(1400, df: true)).Sent);
        Assert.True(IPv4Header.TryParse(Assert.Single(pair.A.Errors), out var ip));
        Assert.True(IcmpHeader.TryParse(ip.Payload, out var icmp));
        Assert.Equal(1246, icmp.NextHopMtu);
        Assert.Equal(1300, pair.Seal(Inner(1246, df: true)).Length);
    }

    [Theory]
    [InlineData(1500, 1446)]
    [InlineData(1400, 1346)]
    [InlineData(1300, 1280)] // the least of IPv6, which then is too big all the same
    public void An_IPv6_packet_larger_than_the_path_is_never_cut(int path, int told)
    {
        using var pair = new VtiPair();
        pair.A.Underlay.Default = pair.A.Underlay.Default with { Mtu = path };
        Assert.Empty(pair.A.FromDevice(Inner6(1480)).Sent);
        Assert.True(IPv6Header.TryParse(Assert.Single(pair.A.Errors), out var ip));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp));
        Assert.Equal((Icmpv6Type.PacketTooBig, (uint)told), (icmp.Type, icmp.Mtu));
        Assert.Equal(1, Dropped(pair.A, DropReason.PacketTooBig));
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, 4500)]
    [InlineData(true, 4500)]
    public void Without_DF_the_sealed_packet_itself_is_cut(bool overIPv6, int? port)
    {
        using var pair = new VtiPair(change: state => state with { Encapsulation = Ports(port) }, overIPv6: overIPv6);
        pair.B.Engine.TryOpenPort(IpAddress.Any(overIPv6), 4500, new(UdpServiceKind.Esp));
        var inner = Inner(length: 3000);
        var fragments = pair.A.FromDevice(inner).Sent;
        Assert.True(fragments.Count == 3 && fragments.TrueForAll(fragment => fragment.Length <= 1500));
        var header = overIPv6 ? IPv6Header.Size : IPv4Header.MinSize;
        byte[] payload = [.. fragments.SelectMany(fragment => fragment[(overIPv6 ? header + 8 : header)..])];
        byte[] whole = [.. fragments[0][..header], .. payload];
        if (overIPv6)
        {
            whole[IPv6Header.NextHeaderOffset] = (byte)(port is null ? IpProtocol.Esp : IpProtocol.Udp);
            BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(4), (ushort)payload.Length);
            if (port is not null)
                Assert.True(HasValidUdpChecksum(whole));
        }
        else
        {
            whole[6] = 0;
            IPv4Header.SetTotalLength(whole, whole.Length);
            IPv4Header.UpdateChecksum(whole);
        }
        Assert.Equal(inner, Assert.Single(pair.B.FromWire(whole).Delivered));
    }

    [Fact]
    public void The_largest_inner_packets_pass_as_fragments_and_one_that_no_packet_can_hold_is_counted()
    {
        using var pair = new VtiPair();
        Assert.Equal(45, pair.A.FromDevice(Inner(length: 65400)).Sent.Count);
        Assert.Empty(pair.A.FromDevice(Inner(length: 65535)).Sent);
        Assert.Equal(1, Dropped(pair.A, DropReason.PacketTooBig));
    }

    [Fact]
    public void A_locked_route_mtu_takes_no_DF_away()
    {
        using var pair = new VtiPair();
        pair.A.Underlay.Default = pair.A.Underlay.Default with { MtuLocked = true };
        Assert.True(IPv4Header.TryParse(pair.Seal(Inner(df: true)), out var ip));
        Assert.Equal((true, 0), (ip.DontFragment, ip.Identification));
    }
}
