using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>
/// A router whose far link takes 1400 bytes stands between Qanat and a real kernel, as in the captures pmtu-ipip and
/// pmtu-ipip-nopmtudisc.
/// </summary>
public sealed class PathMtuTests : IDisposable
{
    private readonly TestNamespace _host = new("qanat"), _router = new("router");
    private readonly KernelPeer _kernel;

    public PathMtuTests()
    {
        try
        {
            _kernel = new(_router, "far");
            TestNamespace.Join(_host, "eth0", _router, "near");
            _host.Do("ip addr add 192.0.2.2/24 dev eth0", "ip route add default via 192.0.2.254");
            _router.Do("sysctl -qw net.ipv4.ip_forward=1", "ip addr add 192.0.2.254/24 dev near", "ip addr add 198.51.100.254/24 dev far",
                "ip link set far mtu 1400");
            _kernel.Do("ip addr add 198.51.100.1/24 dev eth0", "ip link set eth0 up", "ip route add default via 198.51.100.254");
            Wait.Until(() => _host.Reaches("198.51.100.1"), what: "the way through the router");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _kernel?.Dispose();
        _host.Dispose();
        _router.Dispose();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("nopmtudisc", false)]
    public void A_smaller_path_is_learnt_from_the_router_and_told_to_the_inner_sender(string options, bool dontFragment)
    {
        AddTunnel(options);
        using var wire = new Capture(_host, "eth0", "ip proto 4 and src host 192.0.2.2");

        // The first teaches us; the next is told.
        Assert.Equal(1, _host.Run("ping -c 1 -W 1 -M do -s 1400 10.0.0.1").ExitCode);
        var told = _host.Run("ping -c 1 -W 1 -M do -s 1400 10.0.0.1").Output;
        Assert.Contains("Frag needed and DF set (mtu = 1380)", told, StringComparison.Ordinal);
        Assert.Contains("mtu 1380", _host.Do("ip route get 10.0.0.1"), StringComparison.Ordinal);
        Assert.Contains("mtu 1400", _host.Do("ip route get 198.51.100.1"), StringComparison.Ordinal);

        _host.Do("ping -c 1 -W 10 -M dont -s 1400 10.0.0.1");
        var outer = wire.WaitFor(3).Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.Equal(
            [(1448, true), (1400, dontFragment), (88, dontFragment)],
            outer.Select(packet => (packet.TotalLength, packet.DontFragment)));
    }

    [Fact]
    public void Tcp_passes_a_path_smaller_than_the_tunnel()
    {
        AddTunnel();
        _host.AssertTcp(_kernel, "10.0.0.1");
    }

    private void AddTunnel(string options = "")
    {
        _host.Do($"qanat tunnel add tun1 mode ipip remote 198.51.100.1 local 192.0.2.2 {options}",
            "ip addr add 10.0.0.2/30 dev tun1", "ip link set tun1 up");
        _kernel.Do($"ip tunnel add tun1 mode ipip remote 192.0.2.2 local 198.51.100.1 {options}",
            "ip addr add 10.0.0.1/30 dev tun1", "ip link set tun1 up");
    }
}
