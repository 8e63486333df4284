using System.Text.Json;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>Devices of kinds that stand on others: each is what <c>ip link add</c> makes of the same words.</summary>
public sealed class LinkKindsTests : IDisposable
{
    private readonly TestNamespace _ours = new("ours"), _theirs = new("theirs");
    private readonly RouteNetlink _netlink;
    private readonly int _parent;

    public LinkKindsTests()
    {
        foreach (var host in new[] { _ours, _theirs })
            host.Do("ip link add eth0 type veth peer name eth1");
        _netlink = _ours.Netlink();
        _parent = _netlink.Links.Get("eth0").Index;
    }

    public void Dispose()
    {
        _netlink.Dispose();
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Theory]
    [InlineData("id 5 protocol 802.1Q", 5, VlanProtocol.Ieee8021Q)]
    [InlineData("id 4094 protocol 802.1ad", 4094, VlanProtocol.Ieee8021AD)]
    public void A_vlan(string words, ushort identifier, VlanProtocol protocol) =>
        Same($"link eth0 name x0 type vlan {words}", () => _netlink.Links.AddVlan("x0", _parent, identifier, protocol));

    [Theory]
    [InlineData("private", MacvlanMode.Private)]
    [InlineData("vepa", MacvlanMode.Vepa)]
    [InlineData("bridge", MacvlanMode.Bridge)]
    [InlineData("passthru", MacvlanMode.Passthru)]
    [InlineData("source", MacvlanMode.Source)]
    public void A_macvlan(string word, MacvlanMode mode) =>
        Same($"link eth0 name x0 type macvlan mode {word}", () => _netlink.Links.AddMacvlan("x0", _parent, mode));

    [Fact]
    public void A_vxlan_between_two_ends() => Same(
        "x0 type vxlan id 7 local 192.0.2.1 remote 192.0.2.2 dstport 4789 ttl 9 nolearning",
        () => _netlink.Links.AddVxlan("x0",
            new() { Identifier = 7, Local = Ip("192.0.2.1"), Remote = Ip("192.0.2.2"), TimeToLive = 9, Learning = false }));

    [Fact]
    public void A_vxlan_of_a_group() => Same(
        "x0 type vxlan id 16777215 group 239.1.1.1 dev eth0 dstport 8472",
        () => _netlink.Links.AddVxlan("x0", new() { Identifier = 0xFFFFFF, Remote = Ip("239.1.1.1"), Parent = _parent, Port = 8472 }));

    [Fact]
    public void A_vxlan_over_IPv6() => Same(
        "x0 type vxlan id 1 local 2001:db8::1 remote 2001:db8::2 dstport 4789",
        () => _netlink.Links.AddVxlan("x0", new() { Identifier = 1, Local = Ip("2001:db8::1"), Remote = Ip("2001:db8::2") }));

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<LinuxException>(() => _netlink.Links.AddMacvlan("x0", 4711));
        Assert.Throws<LinuxException>(() => _netlink.Links.AddVxlan("x0", new() { Identifier = 1 << 24 }));
        Assert.Throws<LinuxException>(() => _netlink.Links.AddVxlan("x0", new() { Identifier = 1, Remote = Ip("239.1.1.1") }));
        Assert.Null(_netlink.Links.Find("x0"));
    }

    // Not every kernel has every kind: then it says the same to us as to ip.
    private void Same(string words, Action add)
    {
        var theirs = _theirs.Run($"ip link add {words}");
        if (!theirs.Succeeded)
        {
            var refused = Assert.Throws<LinuxException>(add);
            Assert.Contains(refused.Detail ?? Errno.Text(refused.Error), theirs.Error, StringComparison.Ordinal);
            return;
        }

        add();
        Assert.Equal(Described(_theirs), Described(_ours));
        Assert.Equal(_ours.Link("x0").GetProperty("linkinfo").GetProperty("info_kind").GetString(), _netlink.Links.Get("x0").Kind);
    }

    private static string Described(TestNamespace host)
    {
        var link = host.Link("x0");
        var name = link.TryGetProperty("link", out var parent) ? parent.GetString() : null;
        return $"{name} {link.GetProperty("mtu")} {JsonSerializer.Serialize(link.GetProperty("linkinfo"))}";
    }
}
