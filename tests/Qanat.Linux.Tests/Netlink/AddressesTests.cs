using System.Net.Sockets;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class AddressesTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;
    private readonly int _index;

    public AddressesTests()
    {
        _netlink = _host.Netlink();
        _netlink.Links.AddVeth("eth0", "eth1");
        _index = _netlink.Links.Get("eth0").Index;
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Addresses_are_what_ip_prints()
    {
        _host.Script("""
            ip addr add 192.0.2.1/24 brd + dev eth0 label eth0:x
            ip addr add 192.168.1.1 peer 192.168.1.2 dev eth0
            ip addr add 192.0.2.7/24 dev eth0
            ip addr add 2001:db8::1/64 dev eth0 nodad valid_lft 500 preferred_lft 400
            ip addr add 2001:db8:1::1 peer 2001:db8:1::2/128 dev eth0
            ip link set eth0 up
            """);
        var printed = _host.IpJson("addr show dev eth0").SelectMany(link => link.GetProperty("addr_info").EnumerateArray()).ToList();
        var read = _netlink.Addresses.List(_index);
        Assert.Equal(printed.Count, read.Count);
        Assert.True(read.Count >= 5);
        foreach (var expected in printed)
        {
            var address = read.Single(candidate => candidate.Address.ToString() == expected.Text("local"));
            Assert.Equal(_index, address.InterfaceIndex);
            Assert.Equal(expected.Number("prefixlen"), address.PrefixLength);
            Assert.Equal(expected.Text("address"), address.Peer?.ToString());
            Assert.Equal(expected.Text("broadcast"), address.Broadcast?.ToString());
            Assert.Equal(expected.Text("label"), address.Label);
            var scope = address.Scope == RouteScope.Universe ? "global" : address.Scope.ToString();
            Assert.Equal(expected.Text("scope"), scope, ignoreCase: true);
            Assert.Equal(expected.TryGetProperty("secondary", out _), address.Flags.HasFlag(AddressFlags.Secondary));
            Assert.Equal(expected.Number("valid_life_time") == uint.MaxValue, address.ValidLifetime is null);
        }

        var mortal = read.Single(address => address.ValidLifetime is not null);
        Assert.InRange(mortal.ValidLifetime!.Value.TotalSeconds, 490, 500);
        Assert.InRange(mortal.PreferredLifetime!.Value.TotalSeconds, 390, 400);
        Assert.True(mortal.Flags.HasFlag(AddressFlags.NoDuplicateDetection));
    }

    [Fact]
    public void Lists_are_of_one_device_or_all_and_of_one_family_or_both()
    {
        _host.Script("""
            ip addr add 192.0.2.1/24 dev eth0
            ip addr add 2001:db8::1/64 dev eth0
            ip addr add 198.51.100.1/24 dev eth1
            """);
        Assert.Equal(["192.0.2.1", "2001:db8::1"], Texts(_netlink.Addresses.List(_index)));
        Assert.Equal(["192.0.2.1"], Texts(_netlink.Addresses.List(_index, AddressFamily.InterNetwork)));
        Assert.Equal(["2001:db8::1", "::1"], Texts(_netlink.Addresses.List(family: AddressFamily.InterNetworkV6)));
        Assert.Equal(["127.0.0.1", "192.0.2.1", "198.51.100.1", "2001:db8::1", "::1"], Texts(_netlink.Addresses.List()));

        static IEnumerable<string> Texts(IEnumerable<InterfaceAddress> addresses) =>
            addresses.Select(address => address.Address.ToString()).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void What_is_added_can_be_read_deleted_and_given_back()
    {
        InterfaceAddress[] wanted =
        [
            new() { InterfaceIndex = _index, Address = Ip("192.168.1.1"), Peer = Ip("192.168.1.2"), PrefixLength = 32 },
            new()
            {
                InterfaceIndex = _index, Address = Ip("10.1.2.3"), PrefixLength = 16, Broadcast = Ip("10.1.255.255"),
                Flags = AddressFlags.NoPrefixRoute,
            },
            new()
            {
                InterfaceIndex = _index, Address = Ip("2001:db8::5"), PrefixLength = 64,
                Flags = AddressFlags.NoDuplicateDetection,
                ValidLifetime = TimeSpan.FromSeconds(1000), PreferredLifetime = TimeSpan.FromSeconds(500),
            },
            new() { InterfaceIndex = _index, Address = Ip("2001:db8::6"), Peer = Ip("2001:db8::7"), PrefixLength = 128 },
        ];
        foreach (var address in wanted)
            _netlink.Addresses.Add(address);
        var read = _netlink.Addresses.List(_index);
        Assert.Equal(4, read.Count);
        foreach (var address in wanted)
        {
            var got = read.Single(candidate => candidate.Address.Equals(address.Address));
            Assert.Equal((address.PrefixLength, address.Peer, address.Broadcast), (got.PrefixLength, got.Peer, got.Broadcast));
            Assert.True(got.Flags.HasFlag(address.Flags));
            _netlink.Addresses.Delete(got);
            _netlink.Addresses.Add(got);
            var again = _netlink.Addresses.List(_index).Single(candidate => candidate.Address.Equals(address.Address));
            Assert.Equal(Timeless(got), Timeless(again));
        }

        Assert.Equal("192.168.1.2", _host.IpJson("addr show dev eth0")[0].GetProperty("addr_info")[0].Text("address"));

        static InterfaceAddress Timeless(InterfaceAddress address) => address with { ValidLifetime = null, PreferredLifetime = null };
    }

    [Fact]
    public void Refusals_carry_the_kernels_own_words()
    {
        var address = new InterfaceAddress { InterfaceIndex = _index, Address = Ip("192.0.2.1"), PrefixLength = 24 };
        var missing = Assert.Throws<LinuxException>(() => _netlink.Addresses.Delete(address));
        Assert.Equal((Errno.EADDRNOTAVAIL, "delete address 192.0.2.1/24"), (missing.Error, missing.Operation));
        _netlink.Addresses.Add(address);
        var taken = Assert.Throws<LinuxException>(() => _netlink.Addresses.Add(address));
        Assert.Equal((Errno.EEXIST, "ipv4: Address already assigned"), (taken.Error, taken.Detail?.TrimEnd('.')));
        var long_ = Assert.Throws<LinuxException>(() => _netlink.Addresses.Add(address with { PrefixLength = 33 }));
        Assert.Equal(Errno.EINVAL, long_.Error);
    }

    [Fact]
    public void What_is_added_is_what_ip_adds_in_the_same_words()
    {
        (string Words, InterfaceAddress Address)[] pairs =
        [
            ("192.168.9.1/24 valid_lft 5000 preferred_lft 4000 noprefixroute", new()
            {
                InterfaceIndex = _index, Address = Ip("192.168.9.1"), PrefixLength = 24, Flags = AddressFlags.NoPrefixRoute,
                ValidLifetime = TimeSpan.FromSeconds(5000), PreferredLifetime = TimeSpan.FromSeconds(4000),
            }),
            ("192.168.8.1 peer 192.168.8.2/32 metric 77 scope link", new()
            {
                InterfaceIndex = _index, Address = Ip("192.168.8.1"), PrefixLength = 32, Peer = Ip("192.168.8.2"), RouteMetric = 77,
                Scope = RouteScope.Link,
            }),
            ("2001:db8::9/64 preferred_lft 0 nodad noprefixroute mngtmpaddr", new()
            {
                InterfaceIndex = _index, Address = Ip("2001:db8::9"), PrefixLength = 64, PreferredLifetime = TimeSpan.Zero,
                Flags = AddressFlags.NoDuplicateDetection | AddressFlags.NoPrefixRoute | AddressFlags.ManageTemporaryAddress,
            }),
            ("2001:db8:1::1 peer 2001:db8:1::2/128 metric 5 home nodad", new()
            {
                InterfaceIndex = _index, Address = Ip("2001:db8:1::1"), PrefixLength = 128, Peer = Ip("2001:db8:1::2"), RouteMetric = 5,
                Flags = AddressFlags.NoDuplicateDetection | AddressFlags.HomeAddress,
            }),
        ];
        foreach (var (words, address) in pairs)
        {
            _host.Do($"ip addr add {words} dev eth0");
            var (printed, theirs) = (Printed(), Assert.Single(_netlink.Addresses.List(_index)));
            _netlink.Addresses.Delete(theirs);
            Assert.Equal("", Printed());
            _netlink.Addresses.Add(address);
            var ours = Assert.Single(_netlink.Addresses.List(_index));
            Assert.Equal(printed, Printed());
            Assert.Equal(address.RouteMetric, ours.RouteMetric);
            AssertSame(address.ValidLifetime, ours.ValidLifetime, theirs.ValidLifetime);
            AssertSame(address.PreferredLifetime, ours.PreferredLifetime, theirs.PreferredLifetime);
            _netlink.Addresses.Delete(address);
        }

        // Behind the backslash is what passes with time.
        string Printed() => _host.Do("ip -o addr show dev eth0").Split('\\')[0];

        static void AssertSame(TimeSpan? wanted, params TimeSpan?[] lifetimes)
        {
            foreach (var lifetime in lifetimes)
            {
                Assert.Equal(wanted is null, lifetime is null);
                Assert.True(wanted is null || (wanted - lifetime)?.TotalSeconds is >= 0 and < 100, $"{wanted} {lifetime}");
            }
        }
    }

    [Fact]
    public void Of_many_addresses_those_that_are_refused_are_told_and_the_others_are_added()
    {
        var addresses = Enumerable.Range(0, 300)
            .Select(i => new InterfaceAddress { InterfaceIndex = _index, Address = Ip($"10.7.{i / 250}.{i % 250}"), PrefixLength = 32 })
            .ToList();
        addresses[70] = addresses[0];
        addresses[299] = addresses[299] with { InterfaceIndex = 4711 };
        var refusals = _netlink.Addresses.AddAll(addresses);
        Assert.Equal([addresses[70], addresses[299]], refusals.Select(refusal => refusal.Address));
        Assert.Equal([Errno.EEXIST, Errno.ENODEV], refusals.Select(refusal => refusal.Reason.Error));
        Assert.Equal("add address 10.7.0.0/32", refusals[0].Reason.Operation);
        Assert.Equal(298, _netlink.Addresses.List(_index).Count);

        Assert.Equal([addresses[70], addresses[299]], _netlink.Addresses.DeleteAll(addresses).Select(refusal => refusal.Address));
        Assert.Empty(_netlink.Addresses.List(_index));
    }
}
