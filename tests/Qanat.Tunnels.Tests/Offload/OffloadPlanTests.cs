using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.Offload.OffloadHost;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests.Offload;

/// <summary>Which tunnels there is a plan for, and what is in it beside the headers.</summary>
public class OffloadPlanTests
{
    private static readonly Dictionary<string, (TunnelParameters Parameters, string Obstacle)> s_ineligible = new()
    {
        ["minimal"] = (Ipip with { Mode = TunnelMode.Minimal }, "minimal has no program"),
        ["isatap"] = (Ipip with { Mode = TunnelMode.Isatap }, "isatap has no program"),
        ["vti"] = (Ipip with { Mode = TunnelMode.Vti }, "vti has no program"),
        ["ip6gre"] = (
            new() { Mode = TunnelMode.Ip6gre, Local = Ip6("2001:db8::1"), Remote = Ip6("2001:db8::2") }, "ip6gre has no program"),
        ["vxlan over IPv6"] = (Vxlan with { Local = Ip6("2001:db8::1"), Remote = Ip6("2001:db8::2") }, "its outer packets are of IPv6"),
        ["sit any"] = (Sit with { Inner = InnerProtocol.Any }, "it carries both IPv4 and IPv6"),
        ["no remote"] = (Ipip with { Remote = default }, "it has no remote, or a group"),
        ["6to4"] = (Sit with { Remote = default }, "it has no remote, or a group"),
        ["a group"] = (Gre with { Remote = Ip("239.1.1.1") }, "it has no remote, or a group"),
        ["vxlan with a group"] = (Vxlan with { Remote = Ip("239.1.1.1") }, "it has no remote, or a group"),
        ["a mark"] = (Ipip with { Mark = 1 }, "its routes are looked up by a mark"),
        ["icsum"] = (Gre with { Gre = new() { InputChecksum = true } }, "it has a checksum or numbers"),
        ["ocsum"] = (Gre with { Gre = new() { OutputChecksum = true } }, "it has a checksum or numbers"),
        ["iseq"] = (Gre with { Gre = new() { InputSequence = true } }, "it has a checksum or numbers"),
        ["oseq"] = (Gre with { Gre = new() { OutputSequence = true } }, "it has a checksum or numbers"),
        ["encap-csum"] = (Ipip with { Encap = InFou with { Checksum = true } }, "its UDP has a checksum"),
        ["encap-remcsum"] = (Gre with { Encap = InGue with { RemoteChecksum = true } }, "its UDP has a checksum"),
    };

    private static readonly Dictionary<string, OffloadMatch> s_matches = new()
    {
        ["ipip"] = Match(OffloadKind.Ipip),
        ["ipip in fou"] = Match(OffloadKind.Ipip),
        ["sit"] = Match(OffloadKind.Sit),
        ["sit for IPv4"] = Match(OffloadKind.Ipip),
        ["gre"] = Match(OffloadKind.Gre),
        ["gre with keys"] = Match(OffloadKind.GreKey, 7),
        ["gre in gue"] = Match(OffloadKind.GreKey, 7),
        ["gretap"] = Match(OffloadKind.Gretap),
        ["gretap with keys"] = Match(OffloadKind.GretapKey, 7),
        ["vxlan"] = Match(OffloadKind.Vxlan, 42) with { Port = 4789 },
    };

    public static TheoryData<string> Ineligible => [.. s_ineligible.Keys];

    public static TheoryData<string> Modes => [.. Eligible.Keys];

    public static TheoryData<string> Matches => [.. s_matches.Keys];

    [Theory]
    [MemberData(nameof(Ineligible))]
    public void What_no_program_does_stays_here_and_says_why(string name)
    {
        using var host = new OffloadHost(s_ineligible[name].Parameters);
        Assert.Equal(s_ineligible[name].Obstacle, host.Obstacle);
    }

    [Theory]
    [MemberData(nameof(Matches))]
    public void Arriving_packets_are_told_by_their_ends_and_identifier(string mode)
    {
        using var host = new OffloadHost(Eligible[mode]);
        Assert.Equal(s_matches[mode], host.Plan.Arrives);
    }

    [Fact]
    public void Without_a_local_address_packets_arrive_where_the_route_sends_from()
    {
        using var host = new OffloadHost(Ipip with { Local = default });
        host.Underlay.Default = host.Underlay.Default with { Source = Ip("192.0.2.77") };
        Assert.Equal(Ip("192.0.2.77"), host.Plan.Arrives.Destination);
        Assert.Equal([192, 0, 2, 77], host.Plan.HeadersOfIPv4.Bytes[12..16].ToArray());
    }

    [Fact]
    public void A_key_of_one_way_alone_is_in_the_headers_or_in_the_match()
    {
        using var output = new OffloadHost(Gre with { Gre = new() { OutputKey = 9 } });
        using var input = new OffloadHost(Gre with { Gre = new() { InputKey = 0 } });
        Assert.Equal((OffloadKind.Gre, 28), (output.Plan.Arrives.Kind, output.Plan.HeadersOfIPv4.Bytes.Length));
        Assert.Equal((OffloadKind.GreKey, 24), (input.Plan.Arrives.Kind, input.Plan.HeadersOfIPv4.Bytes.Length));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_plan_is_the_same_while_nothing_changes(string mode)
    {
        using var host = new OffloadHost(Eligible[mode]);
        var plan = host.Plan;
        host.Send(host.Tunnel.Mode.Carries(EtherType.IPv4) ? Inner() : Inner6());
        Assert.Equal(plan, host.Plan);
        Assert.Equal(plan.GetHashCode(), host.Plan.GetHashCode());

        host.Engine.Change(host.Tunnel, host.Tunnel.Parameters with { Ttl = 17 });
        Assert.NotEqual(plan, host.Plan);
        host.Engine.Change(host.Tunnel, host.Tunnel.Parameters with { Ttl = 0 });
        Assert.Equal(plan, host.Plan);
    }

    [Fact]
    public void A_plan_follows_the_route_the_device_and_the_parameters()
    {
        using var host = new OffloadHost(Ipip);
        List<OffloadPlan> plans = [host.Plan];
        Add(() => host.Underlay.Default = host.Underlay.Default with { Interface = 3 });
        Add(() => host.Tunnel.Coalescing = new(Mtu - 1));
        Add(() => host.Engine.Change(host.Tunnel, host.Tunnel.Parameters with { Remote = Ip("192.0.2.3") }));
        Add(() => host.Engine.Change(host.Tunnel, host.Tunnel.Parameters with { Tos = 0x10 }));
        Add(() => host.Engine.Change(host.Tunnel, host.Tunnel.Parameters with { Tos = 1 }));
        Assert.Equal(plans.Count, plans.Distinct().Count());
        Assert.Equal((3, Mtu - 1), (plans[^1].Underlay, plans[^1].MaxLength));

        void Add(Action change)
        {
            change();
            host.Underlay.Generation++;
            plans.Add(host.Plan);
        }
    }

    [Theory]
    [InlineData("ipip", 20)]
    [InlineData("ipip in fou", 28)]
    [InlineData("gre in gue", 40)]
    [InlineData("gretap", 38)]
    [InlineData("vxlan", 50)]
    public void The_largest_packet_must_fit_the_path(string mode, int overhead)
    {
        using var host = new OffloadHost(Eligible[mode]);
        host.Tunnel.Coalescing = new(1500 - overhead);
        Assert.Equal(1500 - overhead + (host.Plan.CarriesFrames ? 14 : 0), host.Plan.MaxLength);
        host.Tunnel.Coalescing = new(1501 - overhead);
        Assert.Equal($"its packets may be larger than the path allows (an MTU of {1500 - overhead} would do)", host.Obstacle);
    }

    [Fact]
    public void What_ICMP_says_of_the_path_holds_for_ten_minutes()
    {
        using var host = new OffloadHost(Ipip);
        Assert.Equal(Mtu, host.Plan.MaxLength);
        host.FromIcmp(IcmpError(host.Send(Inner()).Outer, 3, 4, mtu: 1300));
        Assert.Equal("its packets may be larger than the path allows (an MTU of 1280 would do)", host.Obstacle);
        host.Tunnel.Coalescing = new(1280);
        Assert.Equal(1280, host.Plan.MaxLength);
        host.Tunnel.Coalescing = new(Mtu);
        host.Time.Advance(TimeSpan.FromMinutes(11));
        host.Underlay.Generation++;
        Assert.Equal(Mtu, host.Plan.MaxLength);
    }

    [Fact]
    public void Routes_that_lead_nowhere_or_to_many_or_to_the_tunnel_itself_are_none()
    {
        using var host = new OffloadHost(Ipip);
        var route = host.Underlay.Default;
        var looped = route with { Interface = TunnelHost.DeviceIndex };
        foreach (var other in (OuterRoute[])[OuterRoute.None, route with { IsForMany = true }, looped])
        {
            host.Underlay.Default = other;
            host.Underlay.Generation++;
            Assert.Equal("there is no route to its far end", host.Obstacle);
        }
        host.Underlay.Default = route with { MtuLocked = true };
        host.Underlay.Generation++;
        Assert.Equal("the MTU of its route is locked", host.Obstacle);
    }

    [Fact]
    public void A_device_that_is_down_stays_here()
    {
        using var host = new OffloadHost(Ipip);
        host.Tunnel.Up = false;
        Assert.Equal("its device is down", host.Obstacle);
    }

    [Fact]
    public void A_tunnel_that_is_watched_stays_here_while_it_is()
    {
        using var host = new OffloadHost(Ipip);
        var nobody = new Nobody();
        host.Tunnel.AddObserver(nobody);
        Assert.Equal("somebody watches its packets", host.Obstacle);
        host.Tunnel.RemoveObserver(nobody);
        Assert.NotNull(host.Plan);
    }

    [Fact]
    public void A_vxlan_stays_here_while_any_address_is_elsewhere()
    {
        const string obstacle = "its forwarding table has more than one far end, or is large";
        using var host = new OffloadHost(Vxlan);
        Assert.True(host.Plan.Learns);
        var address = new MacAddress(0x02_00_00_00_00_09);
        TunnelEngine.AddForwarding(host.Tunnel, new(address, new(Vxlan.Remote)));
        Assert.NotNull(host.Plan);

        foreach (var elsewhere in (FdbDestination[])
            [new(Ip("192.0.2.9")), new(Vxlan.Remote, Port: 8472), new(Vxlan.Remote, Vni: 43), new(Vxlan.Remote, Link: 5)])
        {
            TunnelEngine.AddForwarding(host.Tunnel, new(address, elsewhere));
            Assert.Equal(obstacle, host.Obstacle);
            TunnelEngine.RemoveForwarding(host.Tunnel, address, elsewhere);
            Assert.NotNull(host.Plan);
        }
        TunnelEngine.AddForwarding(host.Tunnel, new(ForwardingTable.Default, new(Ip("192.0.2.9"))));
        Assert.Equal(obstacle, host.Obstacle);
    }

    [Fact]
    public void A_vxlan_without_learning_learns_nothing_elsewhere_either() =>
        Assert.False(new OffloadHost(Vxlan with { Vxlan = Vxlan.Vxlan! with { Learning = false } }).Plan.Learns);

    private static OffloadMatch Match(OffloadKind kind, uint identifier = 0) => new(Ip("192.0.2.1"), Ip("192.0.2.2"), kind, identifier);

    private sealed class Nobody : IJourneyObserver
    {
        public void OnBegin(JourneySide side, ReadOnlySpan<byte> packet, DropReason? dropped = null)
        {
        }

        public void OnContinue(JourneySide side, ReadOnlySpan<byte> packet)
        {
        }

        public void OnEnd()
        {
        }
    }
}
