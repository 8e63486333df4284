using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>ICMP errors about outer packets with IPv6 inside: told to the inner sender at once, when they quote enough.</summary>
public class IcmpRelayTests
{
    private static readonly TunnelParameters s_sit = new() { Mode = TunnelMode.Sit, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };

    public static TheoryData<TunnelParameters> Tunnels => new()
    {
        s_sit,
        s_sit with { Mode = TunnelMode.Gre },
        s_sit with { Mode = TunnelMode.Gre, Gre = new() { InputKey = 5, OutputKey = 5, InputChecksum = true, OutputChecksum = true } },
    };

    [Theory]
    [MemberData(nameof(Tunnels), DisableDiscoveryEnumeration = true)]
    public void The_inner_sender_hears_at_once_and_once(TunnelParameters parameters)
    {
        using var host = new TunnelHost(parameters);
        var inner = Inner6(300);
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        var error = Assert.Single(host.FromIcmp(IcmpError(outer, type: 3, code: 1)).Errors);
        Assert.Equal((Icmpv6Type.DestinationUnreachable, 3), KindOf(error));
        Assert.Equal(inner, Quoted(error));
        Assert.Empty(host.FromDevice(inner).Errors);
    }

    [Theory]
    [InlineData(TunnelMode.Sit, 3, 0, 1, 3)]
    [InlineData(TunnelMode.Sit, 3, 3, 1, 3)]
    [InlineData(TunnelMode.Gre, 3, 3, 0, 0)] // which ip_gre takes for impossible
    [InlineData(TunnelMode.Sit, 3, 5, 0, 0)]
    [InlineData(TunnelMode.Sit, 11, 0, 3, 0)]
    [InlineData(TunnelMode.Sit, 11, 1, 0, 0)]
    [InlineData(TunnelMode.Sit, 12, 0, 0, 0)]
    [InlineData(TunnelMode.Sit, 5, 0, 0, 0)]
    public void Which_errors_become_which(TunnelMode mode, byte type, byte code, byte type6, byte code6)
    {
        using var host = new TunnelHost(s_sit with { Mode = mode });
        var outer = Assert.Single(host.FromDevice(Inner6()).Sent);
        var errors = host.FromIcmp(IcmpError(outer, type, code)).Errors;
        Assert.Equal(type6 == 0 ? [] : [((Icmpv6Type)type6, (int)code6)], errors.Select(KindOf));
    }

    [Fact]
    public void A_quotation_that_is_cut_short_is_quoted_on()
    {
        using var host = new TunnelHost(s_sit);
        var inner = Inner6();
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        Assert.Equal(inner[..48], Quoted(Assert.Single(host.FromIcmp(IcmpError(outer[..68], type: 3, code: 1)).Errors)));
    }

    [Theory]
    [InlineData(67)]
    [InlineData(28)]
    public void One_that_is_too_short_is_remembered_for_the_next_packet(int length)
    {
        using var host = new TunnelHost(s_sit);
        var outer = Assert.Single(host.FromDevice(Inner6()).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer[..length], type: 3, code: 1)).Errors);
        Assert.Equal((Icmpv6Type.DestinationUnreachable, 3), KindOf(Assert.Single(host.FromDevice(Inner6()).Errors)));
    }

    [Fact]
    public void Without_a_remote_a_short_one_is_nobodys()
    {
        using var host = new TunnelHost(s_sit with { Remote = Ip("0.0.0.0") });
        var inner = Inner6(destination: "2002:c000:201::1");
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer[..28], type: 3, code: 1)).Errors);
        Assert.Empty(host.FromDevice(inner).Errors);
        Assert.Single(host.FromIcmp(IcmpError(outer, type: 3, code: 1)).Errors);
    }

    [Fact]
    public void Extensions_go_on_behind_the_quotation()
    {
        using var host = new TunnelHost(s_sit);
        var inner = Inner6(400);
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        byte[] mpls = [0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 0x41, 1];
        var icmp = IcmpError([.. outer[..128], .. mpls], type: 11, code: 0);
        icmp[25] = 128 / 4;
        (icmp[22], icmp[23]) = (0, 0);
        var sum = InternetChecksum.Compute(icmp.AsSpan(20));
        (icmp[22], icmp[23]) = ((byte)(sum >> 8), (byte)sum);

        var error = Assert.Single(host.FromIcmp(icmp).Errors);
        Assert.Equal((Icmpv6Type.TimeExceeded, 0), KindOf(error));
        Assert.Equal(128 / 8, error[44]);
        Assert.Equal([.. inner[..108], .. new byte[20]], Quoted(error));
        Assert.Equal(mpls, error[^12..]);
    }

    [Fact]
    public void A_smaller_mtu_is_learnt_and_told_by_the_next_packet_that_is_too_large()
    {
        using var host = new TunnelHost(s_sit);
        var outer = Assert.Single(host.FromDevice(Inner6(1480)).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer, type: 3, code: 4, mtu: 1400)).Errors);
        Assert.Empty(host.FromDevice(Inner6(1480)).Sent);
        var error = Assert.Single(host.Errors);
        Assert.Equal((Icmpv6Type.PacketTooBig, 0), KindOf(error));
        Assert.Equal(1380, error[46] << 8 | error[47]);
    }

    [Theory]
    [InlineData("fe80::2", TunnelHost.DeviceIndex)]
    [InlineData("fd00::2", 0)]
    public void A_link_local_sender_is_told_by_the_tunnel_that_it_used(string source, int link)
    {
        using var host = new TunnelHost(s_sit);
        var inner = Inner6(1480, source: source);
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        Assert.Equal([link], host.FromIcmp(IcmpError(outer, type: 3, code: 1)).ErrorLinks);
        host.FromIcmp(IcmpError(outer, type: 3, code: 4, mtu: 1400));
        Assert.Equal([link], host.FromDevice(inner).ErrorLinks);
    }

    [Fact]
    public void About_an_error_nobody_is_told()
    {
        using var host = new TunnelHost(s_sit);
        var inner = With(Inner6(protocol: IpProtocol.Icmpv6), 40, (byte)Icmpv6Type.TimeExceeded);
        var outer = Assert.Single(host.FromDevice(inner).Sent);
        Assert.Empty(host.FromIcmp(IcmpError(outer, type: 3, code: 1)).Errors);
    }

    private static (Icmpv6Type, int) KindOf(byte[] error)
    {
        Assert.True(IPv6Header.TryParse(error, out var ip));
        Assert.Equal(Ip6("fd00::2"), ip.Destination);
        return ((Icmpv6Type)ip.Payload[0], ip.Payload[1]);
    }

    private static byte[] Quoted(byte[] error)
    {
        Assert.True(Icmpv6Header.TryParse(error.AsSpan(40), out var icmp));
        return icmp.OriginalDatagram.ToArray();
    }
}
