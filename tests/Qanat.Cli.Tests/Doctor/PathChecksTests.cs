using System.Net;
using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Linux.Netlink;
using Tunnel = Qanat.Cli.Doctor.Facts.Tunnel;

namespace Qanat.Cli.Tests.Doctor;

/// <summary>What is wrong with the way of packets: routes, rp_filter, forwarding, MTU.</summary>
public class PathChecksTests
{
    private static readonly Device s_wire = Bench.Wire(2, "eth0", "192.0.2.1/24");
    private static readonly Device s_other = Bench.Wire(5, "eth1", "203.0.113.1/24");
    private static readonly Device s_tun = Bench.Tun(3, "tun1", "10.0.0.1/24").Mtu(1480);
    private static readonly Tunnel s_tunnel = Bench.Ipip(s_tun, "192.0.2.1", "192.0.2.2");
    private static readonly Machine s_healthy = Bench.Machine(s_wire, s_other, s_tun).With(s_tunnel);

    [Fact]
    public void A_tunnel_with_nothing_wrong_gets_no_finding()
    {
        Assert.Empty(s_healthy.Find<FarEndCheck>());
        Assert.Empty(s_healthy.Find<RouteCheck>());
        Assert.Empty(s_healthy.Find<ReversePathCheck>());
        Assert.Empty(s_healthy.Find<ForwardingCheck>());
        Assert.Empty(s_healthy.Find<MtuCheck>());
        Assert.Empty(s_healthy.Find<DestinationCheck>());
    }

    [Theory]
    [InlineData("192.0.2.1", "198.51.100.9", "no-route")]
    [InlineData("192.0.2.1", "203.0.113.1", "remote-is-here")]
    [InlineData("192.0.2.77", "192.0.2.2", "local-not-here")]
    [InlineData("192.0.2.1", "10.0.0.2", "route-loop")]
    public void A_far_end_that_cannot_be_reached_blocks(string local, string remote, string name) =>
        Assert.Equal([$"blocks {name}"], Bench.Machine(s_wire, s_other, s_tun).With(Bench.Ipip(s_tun, local, remote)).Find<FarEndCheck>());

    [Fact]
    public void A_tunnel_without_a_remote_has_no_far_end_to_reach() =>
        Assert.Empty(Bench.Machine(s_wire, s_tun).With(Bench.Ipip(s_tun, "192.0.2.1", "any")).Find<FarEndCheck>());

    [Fact]
    public void The_route_to_a_far_end_on_the_link_is_named_as_it_stands()
    {
        var machine = s_healthy.Routed(Bench.Route("192.0.2.2/32", s_tun));
        Assert.Equal("ip route replace 192.0.2.2 dev eth0", Assert.Single(machine.Only<FarEndCheck>().Do));
    }

    [Fact]
    public void A_loop_by_way_of_another_tunnel_is_found_in_both()
    {
        var second = Bench.Tun(4, "tun2", "10.2.0.1/24");
        var machine = Bench.Machine(s_wire, s_tun, second)
            .With(Bench.Ipip(s_tun, "192.0.2.1", "10.2.0.9"), Bench.Ipip(second, "192.0.2.1", "10.0.0.9"));
        Assert.Equal(["blocks route-loop", "blocks route-loop"], machine.Find<FarEndCheck>());
        var nested = Bench.Machine(s_wire, s_tun, second)
            .With(Bench.Ipip(s_tun, "192.0.2.1", "192.0.2.2"), Bench.Ipip(second, "192.0.2.1", "10.0.0.9"));
        Assert.Empty(nested.Find<FarEndCheck>());
    }

    [Theory]
    [InlineData(RouteType.Prohibit, "prohibit")]
    [InlineData(RouteType.Blackhole, "blackhole")]
    [InlineData(RouteType.Unreachable, "unreachable")]
    public void A_route_that_refuses_the_far_end_is_named(RouteType type, string word)
    {
        var finding = s_healthy.Routed(Bench.Route("192.0.2.2/32", type: type)).Only<FarEndCheck>();
        Assert.Equal("route-refused", finding.Name);
        Assert.Equal($"ip route del {word} 192.0.2.2/32", Assert.Single(finding.Do));
    }

    [Fact]
    public void An_underlay_that_is_down_is_named_before_the_route_that_it_lacks()
    {
        var machine = Bench.Machine(s_wire, s_other.Down(), s_tun).With(s_tunnel with { BoundTo = s_other.Index });
        Assert.Equal(["blocks underlay-down"], machine.Find<FarEndCheck>());
    }

    [Fact]
    public void Outer_packets_that_a_rule_sends_by_a_table_of_its_own_are_noted()
    {
        var machine = s_healthy.Routed(Bench.Route("192.0.2.2/32", s_other) with { Table = (RouteTableId)100 });
        Assert.Equal(["note policy-route"], machine.Find<FarEndCheck>());
    }

    [Fact]
    public void A_route_into_a_tunnel_that_is_not_taken_is_told_of()
    {
        var into = Bench.Route("10.9.0.0/16", s_tun) with { Metric = 20 };
        Assert.Empty(s_healthy.Routed(into).Find<RouteCheck>());
        Assert.Equal(["note route-hidden"], s_healthy.Routed(into, Bench.Route("10.9.0.0/16", s_wire)).Find<RouteCheck>());
        var refusal = Bench.Route("10.9.0.0/16", type: RouteType.Prohibit);
        Assert.Equal(["warning route-blocked"], s_healthy.Routed(into, refusal).Find<RouteCheck>());
        Assert.Empty(s_healthy.Routed(into, Bench.Route("10.9.0.0/24", s_wire)).Find<RouteCheck>()); // more specific, and meant so
    }

    [Fact]
    public void Strict_rp_filter_is_warned_of_where_the_way_back_leads_elsewhere()
    {
        var strict = s_healthy.Set(("ipv4/conf/tun1/rp_filter", 1));
        Assert.Empty(strict.Find<ReversePathCheck>());
        var hidden = strict.Routed(Bench.Route("10.9.0.0/16", s_tun) with { Metric = 20 }, Bench.Route("10.9.0.0/16", s_wire));
        var finding = hidden.Only<ReversePathCheck>();
        Assert.Equal("tun1", finding.Device);
        Assert.Equal("sysctl -w net.ipv4.conf.tun1.rp_filter=2", Assert.Single(finding.Do));
        Assert.Empty(hidden.Set(("ipv4/conf/tun1/rp_filter", 2)).Find<ReversePathCheck>());
    }

    [Fact]
    public void The_larger_of_a_devices_setting_and_everyones_counts()
    {
        var asymmetric = s_healthy.Routed(Bench.Route("10.9.0.0/16", s_tun) with { Metric = 20 }, Bench.Route("10.9.0.0/16", s_wire));
        Assert.Equal(["warning reverse-path"], asymmetric.Set(("ipv4/conf/all/rp_filter", 1)).Find<ReversePathCheck>());
        Assert.Empty(asymmetric.Set(("ipv4/conf/all/rp_filter", 2), ("ipv4/conf/tun1/rp_filter", 1)).Find<ReversePathCheck>());
    }

    [Fact]
    public void Strict_rp_filter_on_the_device_that_a_tunnel_is_bound_to_is_warned_of()
    {
        var bound = Bench.Machine(s_wire, s_other, s_tun).With(s_tunnel with { BoundTo = s_other.Index });
        Assert.Equal("eth1", bound.Set(("ipv4/conf/eth1/rp_filter", 1)).Only<ReversePathCheck>().Device);
    }

    [Fact]
    public void Packets_that_rp_filter_has_dropped_are_evidence_enough()
    {
        var counters = ProtocolCounters.Parse(["TcpExt: IPReversePathFilter", "TcpExt: 7"]);
        var machine = s_healthy.Set(("ipv4/conf/all/rp_filter", 1)) with { Counters = counters };
        Assert.Contains("7 packets", machine.Only<ReversePathCheck>().What, StringComparison.Ordinal);
        Assert.Empty((s_healthy with { Counters = counters }).Find<ReversePathCheck>());
    }

    [Fact]
    public void Forwarding_that_is_off_is_noted_where_somebody_routed_through_a_tunnel()
    {
        var off = s_healthy.Set(("ipv4/conf/tun1/forwarding", 0), ("ipv4/conf/eth0/forwarding", 0), ("ipv4/conf/eth1/forwarding", 0));
        Assert.Empty(off.Find<ForwardingCheck>()); // it talks for itself
        var routed = off.Routed(Bench.Route("10.9.0.0/16", s_tun));
        Assert.Contains("net.ipv4.ip_forward=1", Assert.Single(routed.Only<ForwardingCheck>().Do), StringComparison.Ordinal);
        var evidence = ProtocolCounters.Parse(["Ip: InAddrErrors", "Ip: 5"]);
        Assert.Equal(["warning forwarding-off"], (routed with { Counters = evidence }).Find<ForwardingCheck>());
    }

    [Fact]
    public void Forwarding_that_is_off_for_one_device_is_told_of_by_its_name()
    {
        var machine = s_healthy.Routed(Bench.Route("10.9.0.0/16", s_tun)).Set(("ipv4/conf/tun1/forwarding", 0));
        Assert.Contains("net.ipv4.conf.tun1.forwarding=1", Assert.Single(machine.Only<ForwardingCheck>().Do), StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_behind_a_tap_need_forwarding_too()
    {
        var machine = Bench.Machine(s_wire, Bench.Tap(4, "tap0", "10.1.0.1/24"))
            .Set(("ipv4/conf/tap0/forwarding", 0), ("ipv4/conf/eth0/forwarding", 0));
        Assert.Equal(["note forwarding-off"], machine.Find<ForwardingCheck>());
        var ipv6 = Bench.Machine(s_wire, Bench.Tun(4, "tun4", "2001:db8::1/64")).Set(("ipv6/conf/all/forwarding", 0));
        Assert.Equal(["note forwarding-off"], ipv6.Routed(Bench.Route("2001:db8:9::/48", ipv6.Find("tun4"))).Find<ForwardingCheck>());
    }

    [Theory]
    [InlineData(1480, 0, 0)]
    [InlineData(1481, 0, 1480)]
    [InlineData(1480, 1400, 1380)]
    public void A_tunnel_that_takes_more_than_its_path_carries_is_warned_of(int mtu, int learnt, int fits)
    {
        var tun = s_tun.Mtu(mtu);
        var machine = Bench.Machine(s_wire, tun).With(s_tunnel);
        if (learnt != 0)
            machine = machine.Routed(Bench.Route("192.0.2.2/32", s_wire) with { Mtu = learnt, Expires = TimeSpan.FromSeconds(60) });
        if (fits == 0)
            Assert.Empty(machine.Find<MtuCheck>());
        else
            Assert.Equal($"ip link set tun1 mtu {fits}", Assert.Single(machine.Only<MtuCheck>().Do));
    }

    [Fact]
    public void Packets_that_were_too_big_are_noted()
    {
        var machine = Bench.Machine(s_wire, s_tun).With(s_tunnel with { Drops = new Dictionary<string, long> { ["packet-too-big"] = 3 } });
        Assert.Equal(["note mtu-drops"], machine.Find<MtuCheck>());
        Assert.Equal(["note mtu-discovery-off"], s_healthy.Set(("ipv4/ip_no_pmtu_disc", 1)).Find<MtuCheck>());
    }

    [Fact]
    public void A_device_that_takes_more_than_the_way_out_of_this_host_is_warned_of()
    {
        var jumbo = Bench.Tap(4, "tap0", "10.1.0.1/24").Mtu(9000);
        Assert.Equal(["warning mtu-above-uplink"], Bench.Machine(s_wire, jumbo).Find<MtuCheck>());
        Assert.Empty(Bench.Machine(s_wire.Mtu(9000), jumbo).Find<MtuCheck>());
        Assert.Empty(Bench.Machine(s_wire, s_other, jumbo).Find<MtuCheck>()); // two ways out, and no default route
        var routed = Bench.Machine(s_wire, s_other, jumbo).Routed(Bench.Route("0.0.0.0/0", s_other));
        Assert.Equal(["warning mtu-above-uplink"], routed.Find<MtuCheck>());
    }

    [Fact]
    public void Ports_of_a_bridge_that_take_different_sizes_are_warned_of()
    {
        var bridge = Bench.Wire(9, "br0");
        var (tap, wide) = (Bench.Tap(4, "tap0").On(bridge), Bench.Wire(6, "eth6").Mtu(9000).On(bridge));
        Assert.Equal(["warning mtu-of-bridge"], Bench.Machine(bridge, tap, wide).Find<MtuCheck>());
        Assert.Empty(Bench.Machine(bridge, tap, wide.Mtu(1500)).Find<MtuCheck>());
    }

    [Fact]
    public void An_MTU_that_is_too_small_for_IPv6_is_warned_of() =>
        Assert.Equal(["warning mtu-below-ipv6"], Bench.Machine(Bench.Tun(4, "tun4", "2001:db8::1/64").Mtu(1000)).Find<MtuCheck>());

    [Fact]
    public void An_address_that_was_asked_about_is_looked_up()
    {
        Machine Asking(Machine machine, string address) => machine with { Asked = new() { Destinations = [IPAddress.Parse(address)] } };
        Assert.Empty(Asking(s_healthy, "10.0.0.2").Find<DestinationCheck>());
        Assert.Equal(["blocks no-route"], Asking(s_healthy, "198.51.100.1").Find<DestinationCheck>());
        var refused = s_healthy.Routed(Bench.Route("198.51.100.0/24", type: RouteType.Prohibit));
        Assert.Equal(["blocks route-refused"], Asking(refused, "198.51.100.1").Find<DestinationCheck>());
        var silent = s_healthy with
        {
            Neighbours = [new() { InterfaceIndex = 2, Address = IPAddress.Parse("192.0.2.9"), State = NeighbourStates.Failed }],
        };
        Assert.Equal(["blocks no-neighbour"], Asking(silent, "192.0.2.9").Find<DestinationCheck>());
    }
}
