using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Offload.OffloadPair;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>When the kernel moves a tunnel's packets, when it no longer does, and that packets pass all the while.</summary>
public sealed class OffloadLifeTests : IDisposable
{
    private const string Ipip = $"tunnel add tun1 mode ipip {Ends}";

    private readonly OffloadPair _pair = new();
    private readonly TestNamespace _a, _b;

    public OffloadLifeTests() => (_a, _b) = (_pair.A, _pair.B);

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void A_tunnel_that_is_deleted_leaves_no_program_and_another_takes_its_place()
    {
        using (_pair.Make(Ipip))
            Assert.Equal(2, _a.Programs());
        Wait.Until(() => _a.Programs() == 0, OffloadExtensions.Soon, "the programs to go");
        using var tunnel = _pair.Make($"tunnel add tun1 mode gre {Ends}");
        AssertOffloadedPing();
        _a.Do("ip link set tun1 down");
        Wait.Until(() => _a.Offload() == "not offloaded: its device is down", OffloadExtensions.Soon, "the reason");
        Wait.Until(() => _a.Programs() == 0, OffloadExtensions.Soon, "the programs to go");
    }

    [Theory]
    [InlineData("table ip guard { chain output { type filter hook output priority 0; ip protocol 4 counter; }; }")]
    [InlineData("table inet guard { chain input { type filter hook input priority 0; ip protocol 4 counter; }; }")]
    [InlineData("table netdev guard { chain arrivals { type filter hook ingress device eth0 priority 0; ip protocol 4 counter; }; }")]
    public void Rules_of_nftables_see_the_packets_while_there_are_any(string rules)
    {
        using var tunnel = _pair.Make(Ipip);
        AssertOffloadedPing();
        _a.Do($"nft '{rules}'");
        _a.WaitUntilLeftToDaemon();
        Assert.Equal(0, _a.Programs());
        _a.Do($"ping -c 5 -i 0.02 -W 2 {InnerB}");
        Assert.Contains("counter packets 5 ", _a.Do("nft list ruleset"), StringComparison.Ordinal);

        _a.Do("nft flush ruleset");
        Wait.Until(() => _a.Bpf().StartsWith("on", StringComparison.Ordinal), OffloadExtensions.Soon, "the kernel to move packets again");
        AssertOffloadedPing();
    }

    [Theory]
    [InlineData("in", TwoHosts.AddressOfB, TwoHosts.AddressOfA)]
    [InlineData("out", TwoHosts.AddressOfA, TwoHosts.AddressOfB)]
    public void A_policy_of_IPsec_holds(string direction, string source, string destination)
    {
        using var tunnel = _pair.Make(Ipip);
        AssertOffloadedPing();
        _a.Do($"ip xfrm policy add src {source} dst {destination} proto 4 dir {direction} action block");
        _a.WaitUntilLeftToDaemon();
        Assert.False(_a.Reaches(InnerB));
        _a.Do("ip xfrm policy flush");
        Wait.Until(() => _a.Reaches(InnerB), OffloadExtensions.Soon, "traffic");
    }

    [Fact]
    public void A_capture_sees_all_packets_and_no_ping_is_lost_when_it_begins_and_ends()
    {
        using var tunnel = _pair.Make(Ipip);
        using var pings = _a.Start($"exec ping -q -c 400 -i 0.01 -W 2 {InnerB}");
        using (var capture = _a.Start("exec qanat capture tun1 icmp"))
        {
            Wait.Until(() => _a.Log().Contains("tun1: not offloaded: somebody watches its packets", StringComparison.Ordinal),
                OffloadExtensions.Soon, "the reason");
            Wait.Until(() => capture.Output.Split('\n').Length > 20, OffloadExtensions.Soon, "packets");
            capture.Interrupt();
            Assert.Equal(0, capture.WaitForExit(OffloadExtensions.Soon).ExitCode);
        }
        _a.WaitUntilOffloaded();
        Assert.Contains(" 400 received", pings.WaitForExit(TimeSpan.FromSeconds(20)).Required, StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_that_was_killed_comes_back_and_so_do_its_programs()
    {
        using var tunnel = _pair.Make(Ipip);
        var killed = _a.Daemon();
        _a.Do($"kill -9 {killed}");
        Assert.False(_a.Reaches(InnerB));
        Assert.StartsWith("tun1: ip/ip remote", _a.Do("qanat tunnel show tun1"), StringComparison.Ordinal);
        Assert.NotEqual(killed, _a.Daemon());
        _a.WaitUntilOffloaded();
        AssertOffloadedPing();
        Assert.Equal(2, _a.Programs());
    }

    [Fact]
    public void Without_the_capability_the_daemon_does_the_work_and_says_so()
    {
        _a.Do("setpriv --bounding-set=-bpf,-sys_admin --inh-caps=-bpf,-sys_admin " +
            $"qanat tunnel add tun1 mode ipip local {TwoHosts.AddressOfA} remote {TwoHosts.AddressOfB}",
            "ip link set tun1 up", $"ip addr add {InnerA}/24 dev tun1");
        Add(_b, Ipip, TwoHosts.AddressOfB, TwoHosts.AddressOfA, 2);
        _b.WaitUntilOffloaded();
        Assert.True(_a.Reaches(InnerB));
        Assert.Matches(@"^off \(.*EPERM.*CAP_BPF", _a.Bpf());
        Assert.Equal("", _a.Offload());
    }

    [Fact]
    public void Two_tunnels_that_only_the_device_tells_apart_are_left_to_the_daemon()
    {
        using var tunnel = _pair.Make(Ipip);
        _a.Do($"qanat tunnel add tun2 mode ipip local {TwoHosts.AddressOfA} remote {TwoHosts.AddressOfB} dev eth0", "ip link set tun2 up");
        foreach (var name in new[] { "tun1", "tun2" })
            Wait.Until(() => _a.Offload(name) == "not offloaded: another tunnel has the same packets arrive", OffloadExtensions.Soon, name);
        _a.Do("qanat tunnel del tun2");
        _a.WaitUntilOffloaded();
        AssertOffloadedPing();
    }

    private void AssertOffloadedPing()
    {
        _a.WaitUntilOffloaded();
        _b.WaitUntilOffloaded();
        var before = _a.ByDaemon();
        _a.Do($"ping -c 5 -i 0.02 -W 2 {InnerB}");
        Assert.Equal(before, _a.ByDaemon());
    }
}
