using System.Globalization;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Offload.OffloadPair;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>When the kernel moves a tunnel's packets, when it no longer does, and that packets pass all the while.</summary>
[Collection(nameof(OffloadPair))]
public sealed class OffloadLifeTests(OffloadPair pair)
{
    private const string Ipip = $"tunnel add tun1 mode ipip {Ends}";

    private readonly TestNamespace _a = pair.A, _b = pair.B;

    [Fact]
    public void A_tunnel_that_is_deleted_leaves_no_program_and_another_takes_its_place()
    {
        using (pair.Make(Ipip))
            Assert.Equal(2, _a.Programs().Count);
        Wait.Until(() => _a.Programs().Count == 0, what: "the programs to go");
        using var tunnel = pair.Make($"tunnel add tun1 mode gre {Ends}");
        AssertOffloadedPing();
        _a.Do("ip link set tun1 down");
        Wait.Until(() => _a.Offload() == "not offloaded: its device is down", what: "the reason");
        Wait.Until(() => _a.Programs().Count == 0, what: "the programs to go");
    }

    [Theory]
    [InlineData("table ip guard { chain output { type filter hook output priority 0; ip protocol 4 counter; }; }")]
    [InlineData("table inet guard { chain input { type filter hook input priority 0; ip protocol 4 counter; }; }")]
    [InlineData("table netdev guard { chain arrivals { type filter hook ingress device eth0 priority 0; ip protocol 4 counter; }; }")]
    public void Rules_of_nftables_see_the_packets_while_there_are_any(string rules)
    {
        using var tunnel = pair.Make(Ipip);
        AssertOffloadedPing();
        try
        {
            _a.Do($"nft '{rules}'");
            _a.WaitUntilInspected();
            Wait.Until(() => _a.Programs().Count == 0, what: "the programs to go");
            // The daemon's own ring looks for rules once a second, too.
            Wait.Until(() => _a.Reaches(InnerB) && Seen() > 0, what: "the rule to see a packet");
            var before = Seen();
            _a.Do($"ping -c 5 -i 0.02 -W 10 {InnerB}");
            Assert.Equal(before + 5, Seen());
        }
        finally
        {
            _a.Do("nft flush ruleset");
        }
        AssertOffloadedPing();

        int Seen() => int.Parse(
            _a.Do("nft list ruleset | grep -o 'counter packets [0-9]*' | grep -o '[0-9]*$'"), CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("in", TwoHosts.AddressOfB, TwoHosts.AddressOfA)]
    [InlineData("out", TwoHosts.AddressOfA, TwoHosts.AddressOfB)]
    public void A_policy_of_IPsec_holds(string direction, string source, string destination)
    {
        using var tunnel = pair.Make(Ipip);
        AssertOffloadedPing();
        try
        {
            _a.Do($"ip xfrm policy add src {source} dst {destination} proto 4 dir {direction} action block");
            _a.WaitUntilInspected();
            Wait.Until(() => !_a.Reaches(InnerB), what: "the policy to hold"); // for the daemon's own ring as well
        }
        finally
        {
            _a.Do("ip xfrm policy flush");
        }
        Wait.Until(() => _a.Reaches(InnerB), what: "traffic");
    }

    [Fact]
    public void A_capture_sees_all_packets_and_no_ping_is_lost_when_it_begins_and_ends()
    {
        using var tunnel = pair.Make(Ipip);
        using var pings = _a.Start($"exec ping -q -c 250 -i 0.01 -W 10 {InnerB}");
        using (var capture = _a.Start("exec qanat capture tun1 icmp"))
        {
            Wait.Until(() => _a.Log().Contains("tun1: not offloaded: somebody watches its packets", StringComparison.Ordinal),
                what: "the reason");
            Wait.Until(() => capture.Output.Split('\n').Length > 20, what: "packets");
            capture.Interrupt();
            Assert.Equal(0, capture.WaitForExit().ExitCode);
        }
        _a.WaitUntilOffloaded();
        Assert.Contains(" 250 received", pings.WaitForExit().Required, StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_that_was_killed_comes_back_and_so_do_its_programs()
    {
        using var tunnel = pair.Make(Ipip);
        var killed = _a.Daemon();
        _a.Do($"kill -9 {killed}");
        Wait.Until(() => !_a.Reaches(InnerB), what: "the killed one and its programs to be gone");
        Assert.StartsWith("tun1: ip/ip remote", _a.Do("qanat tunnel show tun1"), StringComparison.Ordinal);
        Assert.NotEqual(killed, _a.Daemon());
        _a.WaitUntilOffloaded();
        AssertOffloadedPing();
        Assert.Equal(2, _a.Programs().Count);
    }

    [Fact]
    public void Without_the_capability_the_daemon_does_the_work_and_says_so()
    {
        using var hosts = new TwoHosts();
        Prepare(hosts.A);
        Prepare(hosts.B);
        hosts.A.Do("setpriv --bounding-set=-bpf,-sys_admin --inh-caps=-bpf,-sys_admin " +
            $"qanat tunnel add tun1 mode ipip local {TwoHosts.AddressOfA} remote {TwoHosts.AddressOfB}",
            "ip link set tun1 up", $"ip addr add {InnerA}/24 dev tun1");
        Add(hosts.B, Ipip, TwoHosts.AddressOfB, TwoHosts.AddressOfA, 2);
        hosts.B.WaitUntilOffloaded();
        Assert.True(hosts.A.Reaches(InnerB));
        Assert.Matches(@"^off \(.*EPERM.*CAP_BPF", hosts.A.Bpf());
        Assert.Equal("", hosts.A.Offload());
    }

    [Fact]
    public void Two_tunnels_that_only_the_device_tells_apart_are_left_to_the_daemon()
    {
        using var tunnel = pair.Make(Ipip);
        try
        {
            _a.Do($"qanat tunnel add tun2 mode ipip local {TwoHosts.AddressOfA} remote {TwoHosts.AddressOfB} dev eth0",
                "ip link set tun2 up");
            foreach (var name in new[] { "tun1", "tun2" })
                Wait.Until(
                    () => _a.Offload(name) == "not offloaded: another tunnel has the same packets arrive", what: name);
        }
        finally
        {
            _a.Do("qanat tunnel del tun2");
        }
        _a.WaitUntilOffloaded();
        AssertOffloadedPing();
    }

    private void AssertOffloadedPing()
    {
        _a.WaitUntilOffloaded();
        _b.WaitUntilOffloaded();
        var before = _a.ByDaemon();
        _a.Do($"ping -c 5 -i 0.02 -W 10 {InnerB}");
        Assert.Equal(before, _a.ByDaemon());
    }
}
