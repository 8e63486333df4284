using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Offload.OffloadPair;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>Packets that come out of a tunnel go on: super-packets, as they are, to a wire and into another tunnel.</summary>
public sealed class OffloadRouterTests : IDisposable
{
    private readonly OffloadPair _pair = new();
    private readonly TestNamespace _a, _b, _c = new("c");

    public OffloadRouterTests()
    {
        (_a, _b) = (_pair.A, _pair.B);
        Prepare(_c);
        TestNamespace.Join(_b, "eth1", _c, "eth0");
        _b.Do("ip addr add 10.10.60.1/24 dev eth1", "sysctl -qw net.ipv4.ip_forward=1");
        _c.Do("ip addr add 10.10.60.2/24 dev eth0");
    }

    public void Dispose()
    {
        _pair.Dispose();
        _c.Dispose();
    }

    [Theory]
    [InlineData("tunnel add tun1 mode ipip ENDS")]
    [InlineData("tunnel add tun1 mode gre ENDS key 42")]
    [InlineData("fou add port 5551 gue; link add tun1 type ipip ENDS encap gue encap-sport auto encap-dport 5551")]
    [InlineData("link add tun1 mtu 1450 type vxlan id 42 dstport 4789 ENDS")]
    public async Task What_is_forwarded_to_a_wire_arrives(string commands)
    {
        using var tunnel = _pair.Make(commands);
        _a.Do($"ip route add 10.10.60.0/24 via {InnerB} dev tun1");
        _c.Do("ip route add default via 10.10.60.1", "ethtool -K eth0 tso off gso off"); // so that its packets must be cut
        await _a.TransferAsync(_c, "10.10.60.2");
        await _c.TransferAsync(_a, InnerA);
        await _a.SendDatagramAsync(_c, "10.10.60.2", 9000);
        _b.Do("ethtool -K eth1 tso off gso off"); // the same for what the tunnel's super-packets become
        await _a.TransferAsync(_c, "10.10.60.2");
        Assert.Equal("offloaded", _b.Offload());
    }

    [Theory]
    [InlineData("ipip", "ipip")]
    [InlineData("gre", "gre")]
    [InlineData("ipip", "gre")]
    public async Task What_is_forwarded_into_another_tunnel_arrives(string first, string second)
    {
        using var tunnel = _pair.Make($"tunnel add tun1 mode {first} {Ends}");
        foreach (var (host, local, remote, end) in new[] { (_b, "10.10.60.1", "10.10.60.2", 1), (_c, "10.10.60.2", "10.10.60.1", 2) })
            host.Do($"qanat tunnel add tun2 mode {second} local {local} remote {remote}", "ip link set tun2 up",
                $"ip addr add 10.0.2.{end}/24 dev tun2");
        _a.Do($"ip route add 10.0.2.0/24 dev tun1");
        _c.Do($"ip route add 10.0.0.0/24 dev tun2");
        _b.WaitUntilOffloaded("tun2");
        _c.WaitUntilOffloaded("tun2");
        Assert.True(_a.Reaches("10.0.2.2"));
        await _a.TransferAsync(_c, "10.0.2.2");
        await _c.TransferAsync(_a, InnerA);
        await _a.SendDatagramAsync(_c, "10.0.2.2", 9000);
    }
}
