using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class LinksTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;

    public LinksTests() => _netlink = _host.Netlink();

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Links_are_what_ip_prints()
    {
        using var other = new TestNamespace("other");
        TestNamespace.Join(_host, "eth0", other, "eth0");
        _host.Script("""
            ip link add br0 type bridge
            ip link add v0 type veth peer name v1
            ip link set v0 master br0 alias 'to the bridge'
            ip link set br0 up
            ip link set v0 up mtu 1400
            ip link set v0 multicast off
            ip tuntap add tun7 mode tun
            ping -c 1 127.0.0.1
            """);

        var printed = _host.IpJson("-d -s link show");
        var read = _netlink.Links.List();
        Assert.Equal(6, read.Count);
        Assert.Equal(printed.Count, read.Count);
        foreach (var expected in printed)
        {
            var link = _netlink.Links.Get(expected.Text("ifname")!);
            Assert.Equal(read.Single(l => l.Index == link.Index) with { Statistics = link.Statistics }, link);
            Assert.Equal(expected.Number("ifindex"), link.Index);
            Assert.Equal(expected.Number("mtu"), link.Mtu);
            Assert.Equal(expected.Text("operstate"), link.State.ToString(), ignoreCase: true);
            Assert.Equal(expected.Text("ifalias"), link.Alias);
            Assert.Equal(expected.Text("address")?.Replace(":", "", StringComparison.Ordinal), link.Address?.ToString(), ignoreCase: true);
            Assert.Equal(expected.TryGetProperty("linkinfo", out var information) ? information.Text("info_kind") : null, link.Kind);
            Assert.Equal(expected.Text("link_type"), link.Type.ToString() is "Ethernet" ? "ether" : link.Type.ToString(), ignoreCase: true);
            Assert.Equal(expected.Text("master") is { } master ? _netlink.Links.Get(master).Index : 0, link.Master);
            Assert.Equal(expected.Number("link_index"), link.ParentNamespace is null ? 0 : link.Parent);
            Assert.Equal(expected.Text("link_netnsid"), link.ParentNamespace?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (expected.Text("link") is { } parent)
                Assert.Equal(_netlink.Links.Get(parent).Index, link.Parent);
            var flags = expected.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()).ToHashSet();
            Assert.Equal(flags.Contains("UP"), link.IsUp);
            Assert.Equal(flags.Contains("LOWER_UP"), link.HasCarrier);
            Assert.Equal(flags.Contains("MULTICAST"), link.Flags.HasFlag(LinkFlags.Multicast));
            Assert.Equal(flags.Contains("POINTOPOINT"), link.Flags.HasFlag(LinkFlags.PointToPoint));
        }

        var loopback = printed.Single(link => link.Text("ifname") == "lo").GetProperty("stats64").GetProperty("rx");
        var statistics = _netlink.Links.Get("lo").Statistics;
        Assert.Equal((loopback.Number("bytes"), loopback.Number("packets")), ((long)statistics.RxBytes, (long)statistics.RxPackets));
        Assert.True(statistics.RxPackets >= 2);
    }

    [Fact]
    public void A_link_that_is_not_there_is_found_to_be_missing()
    {
        Assert.Null(_netlink.Links.Find("nodev"));
        Assert.Null(_netlink.Links.Find(4711));
        Assert.Equal(Errno.ENODEV, Assert.Throws<LinuxException>(() => _netlink.Links.Get("nodev")).Error);
        var refused = Assert.Throws<LinuxException>(() => _netlink.Links.SetUp(4711));
        Assert.Equal((Errno.ENODEV, "set the flags of link #4711"), (refused.Error, refused.Operation));
    }

    [Fact]
    public void A_wire_is_made_changed_and_deleted()
    {
        _netlink.Links.AddVeth("left", "right");
        var left = _netlink.Links.Get("left");
        Assert.Equal(("veth", _netlink.Links.Get("right").Index, false), (left.Kind, left.Parent, left.IsUp));

        _netlink.Links.SetMtu(left.Index, 1480);
        _netlink.Links.SetFlags(left.Index, set: LinkFlags.Up, clear: LinkFlags.Multicast);
        _netlink.Links.SetAlias(left.Index, "ünder the hill");
        _netlink.Links.SetAddress(left.Index, Mac("02-00-00-00-00-01"));
        _netlink.Links.SetGsoMaxSize(left.Index, 62_000);
        var printed = Assert.Single(_host.IpJson("-d link show left"));
        Assert.Equal(62_000, printed.Number("gso_max_size"));
        Assert.Equal(("1480", "ünder the hill", "02:00:00:00:00:01"),
            (printed.Text("mtu"), printed.Text("ifalias"), printed.Text("address")));
        Assert.Equal(LinkFlags.Up | LinkFlags.Broadcast, _netlink.Links.Get(left.Index).Flags);

        _netlink.Links.SetAlias(left.Index, "");
        _netlink.Links.SetDown(left.Index);
        _netlink.Links.Rename(left.Index, "leftmost");
        var renamed = _netlink.Links.Get(left.Index);
        Assert.Equal(("leftmost", null, false), (renamed.Name, renamed.Alias, renamed.IsUp));

        _netlink.Links.Delete(left.Index);
        Assert.Equal(["lo"], _netlink.Links.List().Select(link => link.Name));
    }

    [Fact]
    public void A_bridge_takes_ports_and_lets_them_go()
    {
        _netlink.Links.AddBridge("br0");
        _netlink.Links.AddVeth("port", "host");
        var (bridge, port) = (_netlink.Links.Get("br0"), _netlink.Links.Get("port"));
        Assert.Equal("bridge", bridge.Kind);
        _netlink.Links.SetMaster(port.Index, bridge.Index);
        Assert.Equal("br0", Assert.Single(_host.IpJson("link show port")).Text("master"));
        _netlink.Links.SetMaster(port.Index, 0);
        Assert.Equal(0, _netlink.Links.Get("port").Master);
    }

    [Fact]
    public void A_wire_may_end_in_another_namespace_and_an_end_may_move_there()
    {
        using var other = new TestNamespace("other");
        using var there = other.Open();
        using var farther = other.Netlink();
        _netlink.Links.AddVeth("near", "far", there);
        Assert.Equal("veth", farther.Links.Get("far").Kind);
        Assert.NotNull(_netlink.Links.Get("near").ParentNamespace);

        _netlink.Links.MoveTo(_netlink.Links.Get("near").Index, there);
        Assert.Null(_netlink.Links.Find("near"));
        Assert.Null(farther.Links.Get("near").ParentNamespace);
    }

    [Fact]
    public void Refusals_carry_the_kernels_own_words()
    {
        _netlink.Links.AddVeth("v0", "v1");
        var taken = Assert.Throws<LinuxException>(() => _netlink.Links.AddBridge("v0"));
        Assert.Equal(Errno.EEXIST, taken.Error);
        var small = Assert.Throws<LinuxException>(() => _netlink.Links.SetMtu(_netlink.Links.Get("v0").Index, 10));
        Assert.Equal((Errno.EINVAL, "mtu less than device minimum"), (small.Error, small.Detail));
        Assert.EndsWith(": Invalid argument (EINVAL): mtu less than device minimum", small.Message, StringComparison.Ordinal);
        Assert.Throws<LinuxException>(() => _netlink.Links.Rename(_netlink.Links.Get("v0").Index, "a-name-over-15-chars"));
    }

    [Fact]
    public void Many_devices_are_set_up_at_once_and_those_that_are_refused_are_told()
    {
        _netlink.Links.AddVeth("v0", "v1");
        var (first, second) = (_netlink.Links.Get("v0").Index, _netlink.Links.Get("v1").Index);
        LinkSettings[] settings =
            [new(first) { Up = true, Mtu = 1400 }, new(4711) { Up = true }, new(second) { Mtu = 1300 }, new(second) { Mtu = 1 }];
        var refusals = _netlink.Links.SetAll(settings);
        Assert.Equal([settings[1], settings[3]], refusals.Select(refusal => refusal.Settings));
        Assert.Equal([Errno.ENODEV, Errno.EINVAL], refusals.Select(refusal => refusal.Reason.Error));
        Assert.Equal((true, 1400), (_netlink.Links.Get(first).IsUp, _netlink.Links.Get(first).Mtu));
        Assert.Equal((false, 1300), (_netlink.Links.Get(second).IsUp, _netlink.Links.Get(second).Mtu));
        Assert.Empty(_netlink.Links.SetAll([new(first) { Up = false }]));
        Assert.Equal((false, 1400), (_netlink.Links.Get(first).IsUp, _netlink.Links.Get(first).Mtu));
    }

    [Fact]
    public void Links_are_deleted_together_and_those_that_are_gone_do_not_matter()
    {
        _host.Script("for i in $(seq 100); do ip tuntap add t$i mode tun; done");
        var indices = _netlink.Links.List().Where(link => link.Kind == "tun").Select(link => link.Index).ToList();
        _netlink.Links.Delete(indices[0]);
        _netlink.Links.DeleteTogether([.. indices[..^1]]);
        Assert.Equal(["lo", "t100"], _netlink.Links.List().Select(link => link.Name));
        _netlink.Links.DeleteTogether([.. indices[..^1]]);
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<LinuxException>(() => _netlink.Links.DeleteTogether([1, indices[^1]])).Error);
        Assert.Equal(["lo", "t100"], _netlink.Links.List().Select(link => link.Name));
    }

    [Fact]
    public void The_way_a_link_gets_its_ipv6_address_is_set()
    {
        _host.Script("ip tuntap add t0 mode tun");
        var index = _netlink.Links.Get("t0").Index;
        foreach (var generation in Enum.GetValues<AddressGeneration>().Except([AddressGeneration.StablePrivacy])) // which needs a secret
        {
            _netlink.Links.SetAddressGeneration(index, generation);
            Assert.Equal($"{(int)generation}\n", _host.Do("cat /proc/sys/net/ipv6/conf/t0/addr_gen_mode"));
        }
    }
}
