using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class RouteLookupTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;
    private readonly int _index;

    public RouteLookupTests()
    {
        _host.Script("""
            ip link add eth0 type veth peer name eth1
            ip addr add 10.0.0.1/24 brd + dev eth0
            ip addr add 10.0.0.5/24 dev eth0
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
    public void A_destination_on_the_link_has_no_gateway()
    {
        var route = Look(new(Ip("10.0.0.9")));
        Assert.Equal((RouteType.Unicast, _index, null), (route.Type, route.OutputInterface, route.Gateway));
        Assert.Equal(Ip("10.0.0.1"), route.PreferredSource);
        Assert.Equal((0, false, null), (route.Mtu, route.MtuLocked, route.Expires));
    }

    [Fact]
    public void A_destination_behind_a_router_has_its_gateway_and_the_routes_mtu()
    {
        _host.Script("""
            ip route add 10.1.0.0/16 via 10.0.0.2 mtu lock 1400
            ip route add 10.2.0.0/16 via 10.0.0.2 mtu 1300 src 10.0.0.5
            ip route add 10.3.0.0/16 via 10.0.0.2
            """);
        var locked = Look(new(Ip("10.1.2.3")));
        Assert.Equal((1400, true, Ip("10.0.0.2")), (locked.Mtu, locked.MtuLocked, locked.Gateway));
        var smaller = Look(new(Ip("10.2.0.1")));
        Assert.Equal((1300, false, Ip("10.0.0.5")), (smaller.Mtu, smaller.MtuLocked, smaller.PreferredSource));
        Assert.Equal((0, false), (Look(new(Ip("10.3.0.1"))).Mtu, false));
    }

    [Fact]
    public void Our_own_addresses_are_local_and_the_networks_last_is_broadcast()
    {
        Assert.Equal(RouteType.Local, Look(new(Ip("10.0.0.1"))).Type);
        Assert.Equal(RouteType.Local, Look(new(Ip("2001:db8::1"))).Type);
        Assert.Equal(RouteType.Broadcast, Look(new(Ip("10.0.0.255"))).Type);
        Assert.Equal(RouteType.Multicast, Look(new(Ip("224.0.0.5")) { OutputInterface = _index }).Type);
    }

    [Theory]
    [InlineData("unreachable", Errno.EHOSTUNREACH)]
    [InlineData("prohibit", Errno.EACCES)]
    [InlineData("blackhole", Errno.EINVAL)]
    public void A_route_that_refuses_is_an_error_in_both_families(string type, int expected)
    {
        _host.Script($"""
            ip route add {type} 10.3.0.0/16
            ip route add {type} 2001:db8:3::/48
            """);
        Assert.Equal(expected, Refused(new(Ip("10.3.0.1"))));
        Assert.Equal(expected, Refused(new(Ip("2001:db8:3::1"))));
        Assert.Equal(expected, Assert.Throws<LinuxException>(() => _netlink.Routes.Get(new(Ip("2001:db8:3::1")))).Error);
    }

    [Fact]
    public void No_route_is_an_error_and_so_is_a_source_that_is_not_ours()
    {
        Assert.Equal(Errno.ENETUNREACH, Refused(new(Ip("8.8.8.8"))));
        Assert.Equal(Errno.ENETUNREACH, Refused(new(Ip("2001:4860::8888"))));
        Assert.True(Refused(new(Ip("10.0.0.9")) { Source = Ip("192.0.2.99") }) is Errno.EINVAL or Errno.ENETUNREACH);
        Assert.Equal(Errno.ENODEV, Refused(new(Ip("10.0.0.9")) { OutputInterface = 4711 }));
        var refused = Assert.Throws<LinuxException>(() => _netlink.Routes.Get(new(Ip("8.8.8.8"))));
        Assert.StartsWith("get route to 8.8.8.8: Network is unreachable (ENETUNREACH); ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Source_mark_and_type_of_service_choose_among_tables()
    {
        _host.Script("""
            ip route add 10.8.0.0/16 via 10.0.0.2
            ip route add 10.8.0.0/16 via 10.0.0.6 table 100
            ip route add 10.8.0.0/16 via 10.0.0.7 table 101
            ip route add 10.8.0.0/16 tos 0x10 via 10.0.0.8
            ip rule add fwmark 9 lookup 100
            ip rule add from 10.0.0.5 lookup 101
            """);
        var destination = Ip("10.8.0.1");
        Assert.Equal("10.0.0.2", Look(new(destination)).Gateway!.ToString());
        Assert.Equal("10.0.0.6", Look(new(destination) { Mark = 9 }).Gateway!.ToString());
        var sourced = Look(new(destination) { Source = Ip("10.0.0.5") });
        Assert.Equal(((RouteTableId)101, "10.0.0.7"), (sourced.Table, sourced.Gateway!.ToString()));
        Assert.Equal("10.0.0.8", Look(new(destination) { Tos = 0x13 }).Gateway!.ToString());
    }

    [Fact]
    public void A_path_mtu_that_was_learnt_expires()
    {
        using var router = new TestNamespace("router");
        using var far = new TestNamespace("far");
        _host.Do("ip link del eth0");
        TestNamespace.Join(_host, "eth0", router, "left");
        TestNamespace.Join(router, "right", far, "eth0");
        _host.Script("""
            ip addr add 10.0.0.1/24 dev eth0
            ip route add default via 10.0.0.2
            """);
        router.Script("""
            ip addr add 10.0.0.2/24 dev left
            ip addr add 10.0.1.2/24 dev right
            ip link set right mtu 1400
            sysctl -qw net.ipv4.ip_forward=1
            """);
        far.Script("""
            ip addr add 10.0.1.1/24 dev eth0
            ip link set eth0 mtu 1400
            ip route add default via 10.0.1.2
            """);
        _host.Run("ping -c 1 -W 1 -M do -s 1472 10.0.1.1");
        var route = Look(new(Ip("10.0.1.1")));
        Assert.Equal((1400, false), (route.Mtu, route.MtuLocked));
        Assert.InRange(route.Expires!.Value.TotalSeconds, 500, 600);
    }

    [Fact]
    public void A_look_up_leaves_little_behind()
    {
        _host.Do("ip route add 10.1.0.0/16 via 10.0.0.2 mtu lock 1400");
        var query = new RouteQuery(Ip("10.1.2.3")) { Source = Ip("10.0.0.1") };
        var nowhere = new RouteQuery(Ip("8.8.8.8"));
        Look(query);
        Refused(nowhere);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _netlink.Routes.TryGet(query, out _, out _);
        var found = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _netlink.Routes.TryGet(nowhere, out _, out _);
        var refused = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(found, 0, 400);
        Assert.Equal(0, refused);
    }

    private Route Look(RouteQuery query)
    {
        Assert.True(_netlink.Routes.TryGet(query, out var route, out var error), Errno.Text(error));
        Assert.Equal(0, error);
        return route;
    }

    private int Refused(RouteQuery query)
    {
        Assert.False(_netlink.Routes.TryGet(query, out var route, out var error));
        Assert.Null(route);
        return error;
    }
}
