using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Rules for outgoing packets hold for outer packets too, though these leave by a ring that passes netfilter by.</summary>
public sealed class FirewallTests : IDisposable
{
    private readonly Experiment _experiment = new();
    private readonly TestNamespace _a, _b;

    public FirewallTests() => (_a, _b) = (_experiment.A, _experiment.B);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void A_rule_that_drops_protocol_4_on_output_stops_the_tunnel_until_it_is_gone()
    {
        Assert.Equal("on", RingState());
        using var flood = _a.Start($"exec ping -q -i 0.002 {Experiment.InnerB}");
        Wait.Until(() => Received() > 100, what: "the ping to flow");

        _a.Do("nft 'table ip guard { chain output { type filter hook output priority 0; ip protocol 4 counter drop; }; }'");
        Wait.Until(() => StandsStill(), what: "the tunnel to stop");
        Assert.Equal("off (netfilter or IPsec looks at outgoing packets)", RingState());
        Assert.Contains("packet-ring", _a.Do("qanat status"), StringComparison.Ordinal);

        _a.Do("nft delete table ip guard");
        var before = Received();
        Wait.Until(() => Received() > before + 100, what: "the tunnel to flow again");
        Wait.Until(() => RingState() == "on", what: "the ring to be used again");
    }

    [Fact]
    public void A_policy_of_IPsec_holds_for_outer_packets()
    {
        _a.Do($"ping -c 3 -i 0.1 -W 10 {Experiment.InnerB}",
            $"ip xfrm policy add src {TwoHosts.AddressOfA} dst {TwoHosts.AddressOfB} proto 4 dir out action block");
        Wait.Until(() => RingState() != "on", what: "the ring to be left alone");
        Assert.False(_a.Reaches(Experiment.InnerB));

        _a.Do("ip xfrm policy flush");
        Wait.Until(() => RingState() == "on", what: "the ring to be used again");
        Assert.True(_a.Reaches(Experiment.InnerB));
    }

    private string? RingState() => _a.Get("/v1/status").GetProperty("features").GetProperty("packet-ring").GetString();

    private long Received() => _b.Counter("tun1", "rx", "packets");

    private bool StandsStill()
    {
        var before = Received();
        Thread.Sleep(300);
        return Received() == before;
    }
}
