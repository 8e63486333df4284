using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>ICMP errors about outer packets in UDP, and over IPv6: whose they are, and what the inner sender hears of them.</summary>
public class QuotedPacketTests
{
    private static readonly TunnelParameters s_ipip = new() { Mode = TunnelMode.Ipip, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };

    private static readonly TunnelParameters s_ip6gre =
        new() { Mode = TunnelMode.Ip6gre, Local = Ip6("2001:db8::2"), Remote = Ip6("2001:db8::1") };

    [Theory]
    [InlineData(TunnelMode.Ipip, EncapType.Fou, 1372)]
    [InlineData(TunnelMode.Ipip, EncapType.Gue, 1368)]
    [InlineData(TunnelMode.Gre, EncapType.Fou, 1368)]
    [InlineData(TunnelMode.Gre, EncapType.Gue, 1364)]
    public void A_smaller_mtu_is_learnt_from_a_datagram(TunnelMode mode, EncapType encap, int mtu)
    {
        using var host = new TunnelHost(InUdp(mode, encap));
        var outer = Assert.Single(host.FromDevice(Inner(1464, df: true)).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer, type: 3, code: 4, mtu: 1400)).Errors);
        Assert.Empty(host.FromDevice(Inner(1464, df: true)).Sent);
        var error = Assert.Single(host.Errors);
        Assert.Equal((3, 4, mtu), (error[20], error[21], error[26] << 8 | error[27]));
    }

    [Theory]
    [InlineData(TunnelMode.Ipip, EncapType.Fou, 1)]
    [InlineData(TunnelMode.Ipip, EncapType.Gue, 1)]
    [InlineData(TunnelMode.Gre, EncapType.Gue, 0)] // of which ip_gre understands none
    public void A_far_end_out_of_reach_is_told_where_the_kernel_understands_the_datagram(TunnelMode mode, EncapType encap, int told)
    {
        using var host = new TunnelHost(InUdp(mode, encap));
        var outer = Assert.Single(host.FromDevice(Inner()).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer, type: 3, code: 1)).Errors);
        Assert.Equal(told, host.FromDevice(Inner()).Errors.Count);
    }

    [Theory]
    [InlineData(23, 0x51)] // of another port
    [InlineData(28, 0x05)] // of nothing that one could know
    public void A_datagram_that_is_none_of_ours_changes_nothing(int offset, byte value)
    {
        using var host = new TunnelHost(InUdp(TunnelMode.Ipip, EncapType.Fou));
        var outer = Assert.Single(host.FromDevice(Inner(1464, df: true)).Sent);
        host.FromIcmp(
            IcmpError(With(outer, offset, value), type: 3, code: 4, mtu: 1400), IcmpError(outer[..27], type: 3, code: 4, mtu: 1400));
        Assert.Single(host.FromDevice(Inner(1464, df: true)).Sent);
        Assert.Empty(host.Errors);
    }

    [Theory]
    [InlineData(Icmpv6Type.DestinationUnreachable, 0, 1)]
    [InlineData(Icmpv6Type.DestinationUnreachable, 3, 1)]
    [InlineData(Icmpv6Type.DestinationUnreachable, 4, 0)] // a port, which GRE has not
    [InlineData(Icmpv6Type.TimeExceeded, 0, 1)]
    [InlineData(Icmpv6Type.TimeExceeded, 1, 0)]
    [InlineData(Icmpv6Type.ParameterProblem, 0, 0)]
    public void Of_ip6gre_only_what_says_that_the_path_is_broken_is_remembered(Icmpv6Type type, byte code, int told)
    {
        using var host = new TunnelHost(s_ip6gre);
        var outer = Assert.Single(host.FromDevice(Inner6()).Sent);
        var error = new byte[Icmpv6Error.MaxLength];
        Assert.True(new Icmpv6Error(type, code).TryBuild(outer, Ip6("2001:db8::fe"), error, out var length));
        host.FromIcmp(error[..length]);
        Assert.Equal(told, host.FromDevice(Inner6()).Errors.Count);
    }

    [Fact]
    public void Without_a_route_over_IPv6_the_sender_hears_of_it_at_once()
    {
        using var host = new TunnelHost(s_ip6gre);
        host.Underlay.Default = OuterRoute.None;
        Assert.Empty(host.FromDevice(Inner6()).Sent);
        var error = Assert.Single(host.Errors);
        Assert.Equal(((byte)Icmpv6Type.DestinationUnreachable, (byte)Icmpv6UnreachableCode.Address), (error[40], error[41]));
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    private static TunnelParameters InUdp(TunnelMode mode, EncapType encap) =>
        s_ipip with { Mode = mode, Encap = new(encap, SourcePort: 0, DestinationPort: 5550) };
}
