using System.Net.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class NetworkMonitorTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_life_of_a_link_is_told()
    {
        using var monitor = _host.Monitor(MonitorGroups.Links);
        Assert.Empty(Received(monitor));
        _host.Script("""
            ip link add v0 type veth peer name v1
            ip link set v1 up
            ip link set v0 up mtu 1400
            ip link set v0 down
            ip link set v0 name first
            ip link add br0 type bridge
            ip link set first master br0
            ip link set first nomaster
            ip link del first
            """);
        var events = Received(monitor);
        var index = events.OfType<LinkChanged>().First(e => e.Link.Name == "v0").Link.Index;
        var states = events.OfType<LinkChanged>().Select(e => e.Link).Where(link => link.Index == index).ToList();
        Assert.Contains(states, link => link is { Name: "v0", Mtu: 1500, IsUp: false });
        Assert.Contains(states, link => link is { Name: "v0", Mtu: 1400, IsUp: true, HasCarrier: true });
        Assert.Contains(states, link => link is { Name: "first", IsUp: false });

        // Leaving a bridge is told with the same message type as an end.
        var removed = Assert.Single(events.OfType<LinkRemoved>(), e => e.Link.Index == index);
        Assert.Equal(("first", false), (removed.Link.Name, removed.Moved));
        Assert.True(events.IndexOf(removed) > events.FindLastIndex(e => e is LinkChanged changed && changed.Link.Index == index));
    }

    [Fact]
    public void A_link_that_moves_away_is_not_deleted()
    {
        using var other = new TestNamespace("other");
        using var monitor = _host.Monitor(MonitorGroups.Links);
        using var there = other.Monitor(MonitorGroups.Links);
        _host.Script($"""
            ip link add v0 type veth peer name v1
            ip link set v0 netns {other.Name}
            """);
        Assert.True(Assert.Single(Received(monitor).OfType<LinkRemoved>()).Moved);
        Assert.Contains(Received(there), e => e is LinkChanged { Link.Name: "v0" });
    }

    [Fact]
    public void Addresses_routes_neighbours_and_rules_are_told_of()
    {
        using var monitor = _host.Monitor(MonitorGroups.All);
        _host.Script("""
            ip link add v0 type veth peer name v1
            ip link set v0 up
            ip link set v1 up
            ip addr add 10.0.0.1/24 dev v0
            ip addr add 2001:db8::1/64 dev v0 nodad
            ip route add 10.1.0.0/16 via 10.0.0.2 mtu 1400
            ip route add 2001:db8:1::/48 via 2001:db8::2
            ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
            ip rule add fwmark 1 lookup 100
            ip -6 rule add fwmark 1 lookup 100
            ip neigh del 10.0.0.2 dev v0
            ip route del 10.1.0.0/16
            ip addr del 10.0.0.1/24 dev v0
            """);
        var events = Received(monitor);
        Assert.Contains(events, e => e is AddressChanged { Address.PrefixLength: 24 } c && c.Address.Address.Equals(Ip("10.0.0.1")));
        Assert.Contains(events, e => e is AddressRemoved { Address.PrefixLength: 24 } r && r.Address.Address.Equals(Ip("10.0.0.1")));
        Assert.Contains(events, e => e is AddressChanged c && c.Address.Address.Equals(Ip("2001:db8::1")));
        Assert.Contains(events, e => e is RouteChanged { Route.Mtu: 1400 } c && c.Route.Destination == Network("10.1.0.0/16"));
        Assert.Contains(events, e => e is RouteRemoved { Route.Mtu: 1400 } r && r.Route.Destination == Network("10.1.0.0/16"));
        Assert.Contains(events, e => e is RouteChanged c && c.Route.Destination == Network("2001:db8:1::/48"));
        Assert.Contains(events, e => e is NeighbourChanged { Neighbour.State: NeighbourStates.Permanent });
        Assert.Contains(events, e => e is NeighbourChanged { Neighbour.State: NeighbourStates.Failed } or NeighbourRemoved);
        Assert.Contains(new RulesChanged(AddressFamily.InterNetwork), events);
        Assert.Contains(new RulesChanged(AddressFamily.InterNetworkV6), events);
    }

    [Fact]
    public void Only_the_groups_that_were_asked_for_are_heard()
    {
        using var monitor = _host.Monitor(MonitorGroups.IPv4Addresses);
        _host.Script("""
            ip link add v0 type veth peer name v1
            ip addr add 10.0.0.1/24 dev v0
            ip addr add 2001:db8::1/64 dev v0
            ip link set v0 up
            """);
        Assert.IsType<AddressChanged>(Assert.Single(Received(monitor)));
    }

    [Fact]
    public void Events_that_did_not_fit_are_told_of_and_those_after_arrive()
    {
        using var networkNamespace = _host.Open();
        using var netlink = RouteNetlink.In(networkNamespace);
        using var monitor = networkNamespace.Run(() => new NetworkMonitor(MonitorGroups.Links, receiveBuffer: 8192));
        netlink.Links.AddVeth("v0", "v1");
        var index = netlink.Links.Get("v0").Index;
        for (var i = 0; i < 200; i++)
            netlink.Links.SetMtu(index, 1300 + i);
        var events = Received(monitor);

        // What waited when events were lost is older than the loss, and is not told any more.
        Assert.Equal(EventsLost.Instance, Assert.Single(events));

        netlink.Links.SetMtu(index, 1280);
        Assert.Contains(Received(monitor), e => e is LinkChanged { Link.Mtu: 1280 });
    }

    [Fact]
    public void A_storm_is_taken_a_part_at_a_time()
    {
        using var netlink = _host.Netlink();
        using var monitor = _host.Monitor(MonitorGroups.Links);
        netlink.Links.AddVeth("v0", "v1");
        var index = netlink.Links.Get("v0").Index;
        for (var i = 0; i < 200; i++)
            netlink.Links.SetMtu(index, 1300 + i);
        List<NetworkEvent> events = [];
        Assert.True(monitor.Receive(events));
        Assert.InRange(events.Count, 1, 100);
        while (monitor.Receive(events))
        {
        }

        Assert.Equal(1499, Assert.IsType<LinkChanged>(events[^1]).Link.Mtu);
        Assert.DoesNotContain(EventsLost.Instance, events);
    }

    [Fact]
    public void A_group_that_the_kernel_does_not_know_is_refused()
    {
        using var networkNamespace = _host.Open();
        Assert.Throws<LinuxException>(() => networkNamespace.Run(() => NetlinkSocket.Listen(0, [9999], 4096)));
    }

    private static List<NetworkEvent> Received(NetworkMonitor monitor)
    {
        List<NetworkEvent> events = [];
        while (monitor.Receive(events))
        {
        }

        return events;
    }
}
