using System.Net.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class RoutesTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;
    private readonly int _index;

    public RoutesTests()
    {
        _host.Script("""
            ip link add eth0 type veth peer name eth1
            ip addr add 10.0.0.1/24 dev eth0
            ip addr add 2001:db8::1/64 dev eth0 nodad
            ip link set eth0 up
            ip link set eth1 up
            """);
        _netlink = _host.Netlink();
        _index = _netlink.Links.Get("eth0").Index;
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Routes_are_what_ip_prints()
    {
        _host.Script("""
            ip route add default via 10.0.0.254
            ip route add 10.1.0.0/16 via 10.0.0.2 metric 5 mtu lock 1400
            ip route add 10.2.0.0/16 dev eth0 src 10.0.0.1
            ip route add unreachable 10.3.0.0/16
            ip route add 10.4.0.0/16 via 172.16.0.1 dev eth0 onlink proto static
            ip route add 10.5.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3
            ip route add 10.6.0.0/16 via inet6 fe80::1 dev eth0
            """);
        var printed = _host.IpJson("route show");
        var read = _netlink.Routes.List();
        Assert.Equal(8, read.Count);
        Assert.Equal(printed.Count, read.Count);
        foreach (var expected in printed)
        {
            var destination = expected.Text("dst") is "default" ? "0.0.0.0/0" : expected.Text("dst");
            var route = read.Single(candidate => candidate.Destination.ToString() == destination);
            Assert.Equal(expected.Text("type") ?? "unicast", route.Type.ToString(), ignoreCase: true);
            var gateway = expected.TryGetProperty("via", out var via) ? via.Text("host") : expected.Text("gateway");
            Assert.Equal(gateway, route.Gateway?.ToString());
            Assert.Equal(expected.Text("dev") is null ? 0 : _index, route.OutputInterface);
            Assert.Equal(expected.Text("prefsrc"), route.PreferredSource?.ToString());
            Assert.Equal(expected.Number("metric"), route.Metric);
            Assert.Equal(expected.Text("protocol") ?? "boot", route.Protocol.ToString(), ignoreCase: true);
            Assert.Equal(expected.Text("scope") ?? "universe", route.Scope.ToString(), ignoreCase: true);
            Assert.Equal(expected.TryGetProperty("nexthops", out var hops) ? hops.GetArrayLength() : 0, route.NextHops.Count);
        }

        var locked = read.Single(route => route.Metric == 5);
        Assert.Equal((1400, true), (locked.Mtu, locked.MtuLocked));
        Assert.True(read.Single(route => Equals(route.Gateway, Ip("172.16.0.1"))).Flags.HasFlag(RouteFlags.OnLink));
        var several = read.Single(route => route.NextHops.Count > 0);
        Assert.Equal([(3, "10.0.0.2"), (1, "10.0.0.3")], several.NextHops.Select(hop => (hop.Weight, hop.Gateway!.ToString())));
    }

    [Fact]
    public void What_is_added_can_be_read_deleted_and_given_back()
    {
        Route[] wanted =
        [
            To("0.0.0.0/0") with { Gateway = Ip("10.0.0.254") },
            To("10.1.0.0/16") with { PreferredSource = Ip("10.0.0.1"), Mtu = 1400, MtuLocked = true },
            To("10.2.0.0/16") with { Gateway = Ip("172.16.0.1"), Flags = RouteFlags.OnLink, Metric = 7 },
            To("10.3.0.0/16") with { Gateway = Ip("fe80::1"), Mtu = 1300 },
            To("10.4.0.0/16") with { Type = RouteType.Blackhole, OutputInterface = 0 },
            To("10.5.0.0/16") with { Table = (RouteTableId)100_000, Tos = 0x10, Protocol = RouteProtocol.Static },
            To("10.6.0.0/16") with
            {
                OutputInterface = 0,
                NextHops =
                [
                    new() { OutputInterface = _index, Gateway = Ip("10.0.0.2"), Weight = 4 },
                    new() { OutputInterface = _index, Gateway = Ip("10.0.0.3") },
                ],
            },
            To("::/0") with { Gateway = Ip("2001:db8::2") },
            To("2001:db8:1::/48") with { Mtu = 1280, Metric = 9 },
        ];
        foreach (var route in wanted)
        {
            _netlink.Routes.Add(route);
            var got = Single(route);
            Assert.Equal((route.Type, route.Gateway, route.OutputInterface, route.PreferredSource, route.Tos),
                (got.Type, got.Gateway, got.OutputInterface, got.PreferredSource, got.Tos));
            Assert.Equal((route.Mtu, route.MtuLocked, route.Flags), (got.Mtu, got.MtuLocked, got.Flags & RouteFlags.OnLink));
            Assert.Equal(route.Protocol ?? RouteProtocol.Boot, got.Protocol);
            Assert.Equal(route.NextHops, got.NextHops.Select(hop => hop with { Flags = RouteFlags.None }));

            Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _netlink.Routes.Add(route)).Error);
            _netlink.Routes.Delete(got);
            Assert.DoesNotContain(_netlink.Routes.List(route.Family, route.Table), candidate => candidate.Destination == route.Destination);
            _netlink.Routes.Add(got);
            Assert.Equal(got with { NextHops = [] }, Single(route) with { NextHops = got.NextHops.Count == 0 ? got.NextHops : [] });
            _netlink.Routes.Delete(route);
            var gone = Assert.Throws<LinuxException>(() => _netlink.Routes.Delete(route));
            Assert.Equal((Errno.ESRCH, $"delete route {route.Destination}"), (gone.Error, gone.Operation));
        }

        Route To(string destination) => new() { Destination = Network(destination), OutputInterface = _index };

        Route Single(Route like) => _netlink.Routes.List(like.Family, like.Table).Single(route => route.Destination == like.Destination);
    }

    [Fact]
    public void Replacing_leaves_one_route()
    {
        var route = new Route { Destination = Network("10.9.0.0/16"), Gateway = Ip("10.0.0.2") };
        _netlink.Routes.Replace(route);
        _netlink.Routes.Replace(route with { Gateway = Ip("10.0.0.3") });
        Assert.Equal("10.0.0.3", Assert.Single(_host.IpJson("route show 10.9.0.0/16")).Text("gateway"));
    }

    [Fact]
    public void A_table_without_routes_is_empty_and_local_routes_have_their_own()
    {
        Assert.Empty(_netlink.Routes.List(table: (RouteTableId)77));
        Assert.Equal(_host.IpJson("route show table local").Count, _netlink.Routes.List(table: RouteTableId.Local).Count);
        Assert.Equal(_host.IpJson("-6 route show table all").Count,
            _netlink.Routes.List(AddressFamily.InterNetworkV6, RouteTableId.Unspecified).Count);
    }

    [Fact]
    public void A_gateway_that_cannot_be_reached_is_refused_in_the_kernels_words()
    {
        var route = new Route { Destination = Network("10.9.0.0/16"), Gateway = Ip("9.9.9.9") };
        var refused = Assert.Throws<LinuxException>(() => _netlink.Routes.Add(route));
        Assert.Equal((Errno.ENETUNREACH, "Nexthop has invalid gateway"), (refused.Error, refused.Detail));
        Assert.Equal("add route 10.9.0.0/16: Network is unreachable (ENETUNREACH): Nexthop has invalid gateway; "
            + "first give a device an address or a route that reaches it, or mark the gateway as onlink", refused.Message);
    }

    [Fact]
    public void Metrics_are_what_ip_prints()
    {
        _host.Do("ip route add 10.8.0.0/16 via 10.0.0.2 table 70000 mtu lock 1400 advmss 1300 window 65000 cwnd lock 9 initcwnd 20 "
            + "initrwnd 30 rtt 100ms rttvar 50ms rto_min 300ms ssthresh 40 reordering 5 hoplimit 33 quickack 1 features ecn "
            + "congctl reno");
        var words = _host.Do("ip route show table 70000");
        var route = Assert.Single(_netlink.Routes.List(table: (RouteTableId)70000));
        Assert.Equal((1400, true), (route.Mtu, route.MtuLocked));
        Assert.Equal(
            new RouteMetrics
            {
                AdvertisedMss = 1300, Window = 65000, CongestionWindow = 9, InitialCongestionWindow = 20, InitialReceiveWindow = 30,
                RoundTripTime = 800, RoundTripVariance = 200, MinimumTimeout = 300, SlowStartThreshold = 40, Reordering = 5, HopLimit = 33,
                QuickAck = true, Features = 1, CongestionControl = "reno", Locked = 1 << 7 | 1 << 13,
            },
            route.Metrics);
        _netlink.Routes.Delete(route);
        Assert.Empty(_netlink.Routes.List(table: (RouteTableId)70000));
        _netlink.Routes.Add(route);
        Assert.Equal(words, _host.Do("ip route show table 70000"));
    }

    [Fact]
    public void Many_routes_are_added_and_those_that_are_refused_are_told()
    {
        var routes = Enumerable.Range(0, 1000)
            .Select(i => new Route { Destination = Network($"10.{100 + i / 250}.{i % 250}.0/24"), Gateway = Ip("10.0.0.2") }).ToList();
        routes[63] = routes[63] with { Gateway = Ip("9.9.9.9") };
        routes[500] = routes[0];
        routes[999] = routes[999] with { Gateway = null, OutputInterface = 4711 };
        var refusals = _netlink.Routes.AddAll(routes);
        Assert.Equal([routes[63], routes[500], routes[999]], refusals.Select(refusal => refusal.Route));
        Assert.Equal([Errno.ENETUNREACH, Errno.EEXIST, Errno.ENODEV], refusals.Select(refusal => refusal.Reason.Error));
        Assert.Equal(("add route 10.100.63.0/24", "Nexthop has invalid gateway"),
            (refusals[0].Reason.Operation, refusals[0].Reason.Detail));
        Assert.Equal(997, _host.IpJson("route show root 10.96.0.0/11").Count);

        Assert.Equal([routes[63], routes[500], routes[999]], _netlink.Routes.DeleteAll(routes).Select(refusal => refusal.Route));
        Assert.Empty(_host.IpJson("route show root 10.96.0.0/11"));
        Assert.Empty(_netlink.Routes.AddAll([]));
    }

    [Fact]
    public void When_every_one_of_many_is_refused_every_one_is_told()
    {
        var route = new Route { Destination = Network("10.9.0.0/16"), Gateway = Ip("9.9.9.9") };
        var refusals = _netlink.Routes.AddAll(Enumerable.Repeat(route, 5000));
        Assert.Equal(5000, refusals.Count);
        Assert.All(refusals, refusal => Assert.Equal("Nexthop has invalid gateway", refusal.Reason.Detail));
    }

    [Fact]
    public void Refusals_say_what_to_do()
    {
        var route = new Route { Destination = Network("10.9.0.0/16"), Gateway = Ip("10.0.0.2") };
        _netlink.Routes.Add(route);
        Assert.Contains("delete it", Assert.Throws<LinuxException>(() => _netlink.Routes.Add(route)).Hint);
        Assert.Contains("ip link", Assert.Throws<LinuxException>(() => _netlink.Links.SetUp(4711)).Hint);
        Assert.Contains("ip link", Assert.Throws<LinuxException>(() => _netlink.Links.Get("nodev")).Hint);
        using var powerless = _host.Enter(() =>
        {
            var netlink = new RouteNetlink();
            Testbed.DropCapabilities();
            return netlink;
        });
        var denied = _host.Enter(() =>
        {
            Testbed.DropCapabilities();
            return Assert.Throws<LinuxException>(() => powerless.Routes.Delete(route));
        });
        Assert.Equal(Errno.EPERM, denied.Error);
        Assert.Contains("CAP_NET_ADMIN", denied.Hint);
    }
}
