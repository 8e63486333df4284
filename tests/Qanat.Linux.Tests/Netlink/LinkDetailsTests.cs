using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Interop.Rtnetlink;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

public sealed class LinkDetailsTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly RouteNetlink _netlink;

    public LinkDetailsTests() => _netlink = _host.Netlink();

    public void Dispose()
    {
        _netlink.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void The_carrier_is_told_of_a_device_that_is_down()
    {
        _host.Script("""
            ip link add v0 type veth peer name v1
            ip link set v1 up
            ip tuntap add tun7 mode tun
            """);
        Assert.False(Of("v0").Carrier);
        Assert.False(Of("tun7").Carrier);
        _host.Do("ip link set v0 up");
        Assert.True(Of("v0").Carrier);
        Assert.All(_netlink.Links.Details(), details => Assert.Null(details.Tunnel));
    }

    [Theory]
    [InlineData("remote 192.0.2.2 local 192.0.2.1", "192.0.2.2", "192.0.2.1", 50)]
    [InlineData("remote 2001:db8::2 local 2001:db8::1", "2001:db8::2", "2001:db8::1", 70)]
    [InlineData("", null, null, 50)]
    public void A_tunnel_of_the_kernels_has_its_outer_side(string ends, string? remote, string? local, int overhead)
    {
        _host.Do("ip link add v0 type veth peer name v1", $"ip link add vx0 type vxlan id 7 {ends} dev v0 dstport 4789");
        var tunnel = Of("vx0").Tunnel!;
        Assert.Equal((remote, local, overhead), (tunnel.Remote?.ToString(), tunnel.Local?.ToString(), tunnel.Overhead));
        Assert.Equal(_netlink.Links.Get("v0").Index, tunnel.Link);
    }

    [Theory]
    [InlineData("ipip", IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, 20)]
    [InlineData("sit", IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, 20)]
    [InlineData("ip6tnl", IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, 40)]
    [InlineData("gre", IFLA_GRE_LINK, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, 32)] // with key and sequence number
    [InlineData("gretap", IFLA_GRE_LINK, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, 46)]
    [InlineData("ip6gre", IFLA_GRE_LINK, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, 52)]
    [InlineData("vti", IFLA_VTI_LINK, IFLA_VTI_LOCAL, IFLA_VTI_REMOTE, 20)]
    [InlineData("vti6", IFLA_VTI_LINK, IFLA_VTI_LOCAL, IFLA_VTI_REMOTE, 40)]
    public void Tunnels_that_this_kernel_may_lack_are_read_by_their_attributes(
        string kind, ushort link, ushort local, ushort remote, int overhead)
    {
        var message = new NetlinkWriter(new byte[256], RTM_NEWLINK);
        message.Append(new ifinfomsg { ifi_index = 9 });
        var information = message.BeginNest(IFLA_LINKINFO);
        message.Add(IFLA_INFO_KIND, kind);
        var data = message.BeginNest(IFLA_INFO_DATA);
        message.Add(link, 3);
        if (link == IFLA_GRE_LINK && kind.Contains("gre", StringComparison.Ordinal))
            message.Add(IFLA_GRE_OFLAGS, System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)(GRE_KEY | GRE_SEQ)));
        message.Add(local, Ip("192.0.2.1"));
        message.Add(remote, Ip("0.0.0.0"));
        message.EndNest(data);
        message.EndNest(information);

        Assert.True(NetlinkMessage.TryParse(message.Complete(1, 0), out var whole, out _));
        Assert.True(LinkDetails.TryParse(whole, out var details));
        Assert.Equal((9, 3, overhead), (details.Index, details.Tunnel!.Link, details.Tunnel.Overhead));
        Assert.Equal((Ip("192.0.2.1"), null), (details.Tunnel.Local, details.Tunnel.Remote));
    }

    private LinkDetails Of(string name)
    {
        var index = _netlink.Links.Get(name).Index;
        return _netlink.Links.Details().Single(details => details.Index == index);
    }
}
