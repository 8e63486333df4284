using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary><c>tunnel change</c> and <c>tunnel del</c> on a tunnel that carries traffic.</summary>
public sealed class ChangeAndDeleteTests : IDisposable
{
    private readonly Experiment _experiment = new();
    private readonly TestNamespace _a, _b;

    public ChangeAndDeleteTests() => (_a, _b) = (_experiment.A, _experiment.B);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void A_change_shows_on_the_wire_and_keeps_the_device()
    {
        var index = _a.Link("tun1").GetProperty("ifindex").GetInt32();
        _a.Do("qanat tunnel change tun1 ttl 7 tos 0x10");
        Assert.Equal("tun1: ip/ip remote 10.10.50.186 local 10.10.50.71 ttl 7 tos 0x10", _a.Do("qanat tunnel show tun1").TrimEnd());

        using var wire = new Capture(_a, "eth0", "ip proto 4");
        _a.Do($"ping -c 1 -W 10 {Experiment.InnerB}");
        var outer = new IPv4Fields(wire.WaitFor(1)[0]);
        Assert.Equal((7, 0x10), (outer.Ttl, outer.Tos));
        Assert.Equal(index, _a.Link("tun1").GetProperty("ifindex").GetInt32());
    }

    [Fact]
    public void A_change_of_the_remote_moves_the_tunnel_to_the_new_far_end()
    {
        _b.Do("ip addr add 10.10.50.187/24 dev eth0", "qanat tunnel change tun1 local 10.10.50.187");
        Assert.False(_a.Reaches(Experiment.InnerB));
        _a.Do("qanat tunnel change tun1 remote 10.10.50.187");
        _a.Do($"ping -c 2 -i 0.2 -W 10 {Experiment.InnerB}");
    }

    [Fact]
    public void Del_takes_the_device_with_its_addresses_and_routes()
    {
        _a.Do("qanat tunnel del tun1");
        Assert.False(_a.Has("tun1"));
        Assert.Equal("", _a.Do("qanat tunnel show tun1"));
        Assert.DoesNotContain("192.168.1", _a.Do("ip route show"), StringComparison.Ordinal);
        Assert.False(_b.Reaches(Experiment.InnerA));
    }

    [Fact]
    public void A_tunnel_that_was_deleted_can_be_added_again()
    {
        for (var round = 0; round < 3; round++)
        {
            _a.Do("qanat tunnel del tun1",
                "qanat tunnel add tun1 mode ipip remote 10.10.50.186 local 10.10.50.71",
                "ip link set tun1 up",
                "ip a add 192.168.1.1 peer 192.168.1.2 dev tun1");
            _a.Do($"ping -c 1 -W 10 {Experiment.InnerB}");
        }
    }

    [Fact]
    public void Other_tunnels_between_the_same_hosts_stay_apart()
    {
        _a.Do("ip addr add 10.10.50.72/24 dev eth0", "qanat tunnel add tun2 mode ipip remote 10.10.50.186 local 10.10.50.72",
            "ip link set tun2 up", "ip a add 192.168.2.1 peer 192.168.2.2 dev tun2");
        _b.Do("qanat tunnel add tun2 mode ipip remote 10.10.50.72 local 10.10.50.186",
            "ip link set tun2 up", "ip a add 192.168.2.2 peer 192.168.2.1 dev tun2");
        _a.Do("ping -c 2 -i 0.2 -W 10 192.168.2.2", "qanat tunnel del tun2", $"ping -c 2 -i 0.2 -W 10 {Experiment.InnerB}");
        Assert.False(_a.Reaches("192.168.2.2"));
    }
}
