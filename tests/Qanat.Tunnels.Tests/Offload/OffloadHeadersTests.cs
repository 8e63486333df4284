using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.Offload.OffloadHost;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests.Offload;

/// <summary>The headers of a plan, once what it inherits is put in, are those that the engine itself writes.</summary>
public class OffloadHeadersTests
{
    private static readonly (byte Ttl, byte Tos, bool Pmtudisc)[] s_options =
        [(0, 0, true), (33, 0x10, true), (0, 1, false), (33, 0, false), (9, 0x11, true), (9, 0xFE, true)];

    private static readonly (byte Tos, byte Ttl, bool Df)[] s_packets =
        [(0, 64, false), (0xB8, 77, true), (1, 1, false), (2, 255, true), (0xBF, 9, false)];

    public static TheoryData<string> Modes => [.. Eligible.Keys];

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_headers_are_those_that_the_engine_writes(string mode)
    {
        foreach (var (ttl, tos, pmtudisc) in s_options)
            foreach (var ignoreDf in (bool[])[false, true])
            {
                var parameters = Eligible[mode];
                var isVxlan = parameters.Mode == TunnelMode.Vxlan;
                using var host = new OffloadHost(parameters with
                {
                    Ttl = ttl, Tos = tos, PathMtuDiscovery = pmtudisc && !isVxlan, IgnoreDf = ignoreDf && parameters.Mode == TunnelMode.Gre,
                    Vxlan = parameters.Vxlan is { } vxlan ? vxlan with { InheritTtl = ttl == 0 } : null,
                });
                AssertSame(host, EtherType.IPv4);
                AssertSame(host, EtherType.IPv6);
            }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void There_are_headers_for_what_the_mode_carries_and_no_others(string mode)
    {
        using var host = new OffloadHost(Eligible[mode]);
        Assert.Equal(host.Tunnel.Mode.Carries(EtherType.IPv4), !host.Plan.HeadersOfIPv4.Bytes.IsEmpty);
        Assert.Equal(host.Tunnel.Mode.Carries(EtherType.IPv6), !host.Plan.HeadersOfIPv6.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("ipip", 0, 0, true, false, true, false)]
    [InlineData("ipip", 33, 0x10, true, false, false, false)]
    [InlineData("ipip", 0, 1, false, true, true, true)]
    [InlineData("ipip", 33, 0x11, false, true, false, true)]
    [InlineData("gre in fou", 0, 1, false, true, true, true)]
    [InlineData("gretap", 0, 1, false, true, true, true)]
    [InlineData("sit", 0, 1, false, true, true, false)]
    [InlineData("sit", 0, 0x11, true, false, true, false)] // a number, not a wish to inherit
    [InlineData("sit for IPv4", 0, 1, false, true, true, true)]
    [InlineData("vxlan", 0, 1, false, true, false, false)]
    public void What_is_inherited_is_known(
        string mode, byte ttl, byte tos, bool pmtudisc, bool inheritsTos, bool inheritsTtl, bool inheritsDf)
    {
        using var host = new OffloadHost(Eligible[mode] with { Ttl = ttl, Tos = tos, PathMtuDiscovery = pmtudisc });
        Assert.Equal((inheritsTos, inheritsTtl, inheritsDf), (host.Plan.InheritsTos, host.Plan.InheritsTtl, host.Plan.InheritsDf));
    }

    [Fact]
    public void A_vxlan_inherits_the_ttl_if_it_says_so() =>
        Assert.True(new OffloadHost(Vxlan with { Vxlan = Vxlan.Vxlan! with { InheritTtl = true } }).Plan.InheritsTtl);

    [Fact]
    public void Gre_with_ignore_df_inherits_no_df() =>
        Assert.False(new OffloadHost(Gre with { PathMtuDiscovery = false, IgnoreDf = true, Ttl = 9 }).Plan.InheritsDf);

    [Theory]
    [InlineData("ipip in fou", 32768, 60999)]
    [InlineData("ipip in gue", 5555, 5555)]
    [InlineData("vxlan", 32768, 60999)]
    [InlineData("vxlan from a range of ports", 40000, 40003)]
    public void Source_ports_are_those_that_the_engine_takes(string mode, int min, int max)
    {
        using var host = new OffloadHost(Eligible[mode]);
        Assert.Equal(((ushort)min, (ushort)max), host.Plan.SourcePorts);
    }

    [Fact]
    public void Source_ports_that_others_have_are_not_taken()
    {
        using var host = new OffloadHost(Eligible["vxlan from a range of ports"]);
        host.Tunnel.SourcePorts = [40000, 40002];
        if (host.Engine.PlanOffload(host.Tunnel, out _) is { } plan) // it may stay here
            Assert.Equal(plan.SourcePorts.Min, plan.SourcePorts.Max);
    }

    private static void AssertSame(OffloadHost host, EtherType protocol)
    {
        if (!host.Tunnel.Mode.Carries(protocol))
            return;
        foreach (var (tos, ttl, df) in s_packets)
        {
            var packet = protocol == EtherType.IPv4 ? Inner(tos: tos, ttl: ttl, df: df) : Inner6(tos: tos, hopLimit: ttl);
            var (outer, inner) = host.Send(packet);
            var (plan, headers) = (host.Plan, outer[..^inner.Length]);
            var made = Apply(plan, protocol, packet, inner.Length);
            // The id is whatever it likes, and with it the checksum; a port is one of the flow.
            headers.AsSpan(4, 2).Clear();
            headers.AsSpan(10, 2).Clear();
            if (plan.IsOverUdp && plan.SourcePorts.Min != plan.SourcePorts.Max)
            {
                Assert.InRange(BinaryPrimitives.ReadUInt16BigEndian(headers.AsSpan(20)), plan.SourcePorts.Min, plan.SourcePorts.Max);
                headers.AsSpan(20, 2).Clear();
                made.AsSpan(20, 2).Clear();
            }
            Assert.Equal(Convert.ToHexString(headers), Convert.ToHexString(made));
        }
    }

    // As whoever has the plan would do it.
    private static byte[] Apply(OffloadPlan plan, EtherType protocol, byte[] packet, int innerLength)
    {
        var isIPv4 = protocol == EtherType.IPv4;
        var headers = (isIPv4 ? plan.HeadersOfIPv4 : plan.HeadersOfIPv6).Bytes.ToArray();
        var tos = isIPv4 ? packet[1] : (byte)(packet[0] << 4 | packet[1] >> 4);
        headers[1] = EcnPropagation.Encapsulate(plan.InheritsTos ? tos : headers[1], tos);
        BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(2), (ushort)(headers.Length + innerLength));
        if (plan.InheritsDf && isIPv4)
            headers[6] = (byte)(packet[6] & 0x40);
        if (plan.InheritsTtl)
            headers[8] = packet[isIPv4 ? 8 : 7];
        if (plan.IsOverUdp)
            BinaryPrimitives.WriteUInt16BigEndian(headers.AsSpan(24), (ushort)(headers.Length - 20 + innerLength));
        return headers;
    }
}
