using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class TunnelTableTests
{
    private readonly TunnelTable _table = new();

    [Fact]
    public void Both_addresses_win_over_one_and_one_over_none()
    {
        var wildcard = Add(1);
        var local = Add(2, local: "192.0.2.2");
        var remote = Add(3, remote: "192.0.2.1");
        var both = Add(4, "192.0.2.2", "192.0.2.1");

        Assert.Same(both, Find("192.0.2.2", "192.0.2.1"));
        Assert.Same(remote, Find("192.0.2.9", "192.0.2.1"));
        Assert.Same(local, Find("192.0.2.2", "192.0.2.9"));
        Assert.Same(wildcard, Find("192.0.2.9", "192.0.2.9"));
    }

    [Fact]
    public void A_tunnel_that_is_down_is_passed_over()
    {
        var exact = Add(1, "192.0.2.2", "192.0.2.1");
        var wildcard = Add(2);
        exact.Up = false;

        Assert.Same(wildcard, Find("192.0.2.2", "192.0.2.1"));
    }

    [Fact]
    public void A_tunnel_bound_to_the_receiving_link_wins_over_a_closer_match()
    {
        var exact = Add(1, "192.0.2.2", "192.0.2.1");
        var bound = Add(2, local: "192.0.2.2", link: 5);

        Assert.Same(bound, Find("192.0.2.2", "192.0.2.1", link: 5));
        Assert.Same(exact, Find("192.0.2.2", "192.0.2.1", link: 6));
    }

    [Fact]
    public void A_tunnel_bound_to_another_link_is_still_a_candidate()
    {
        var bound = Add(1, "192.0.2.2", "192.0.2.1", link: 5);
        Assert.Same(bound, Find("192.0.2.2", "192.0.2.1", link: 6));
    }

    [Fact]
    public void Packets_to_a_multicast_group_find_the_tunnel_whose_remote_it_is()
    {
        var group = Add(1, "192.0.2.2", "239.1.1.1");
        Assert.Same(group, Find("239.1.1.1", "192.0.2.77"));
    }

    [Fact]
    public void Changed_parameters_change_the_place()
    {
        var tunnel = Add(1, "192.0.2.2", "192.0.2.1");
        _table.Change(tunnel, tunnel.Parameters with { Remote = Ip("192.0.2.9"), Link = 3 });

        Assert.Null(Find("192.0.2.2", "192.0.2.1"));
        Assert.Same(tunnel, Find("192.0.2.2", "192.0.2.9"));

        _table.Remove(tunnel);
        _table.Remove(tunnel);
        Assert.Null(Find("192.0.2.2", "192.0.2.9"));
    }

    private Tunnel? Find(string local, string remote, int link = 2) => _table.Find(Ip(local), Ip(remote), key: null, link);

    private Tunnel Add(int index, string local = "0.0.0.0", string remote = "0.0.0.0", int link = 0)
    {
        var tunnel = new Tunnel(index, $"t{index}", new() { Local = Ip(local), Remote = Ip(remote), Link = link }) { Up = true };
        _table.Add(tunnel);
        return tunnel;
    }
}
