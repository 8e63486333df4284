using System.Text.Json;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Hosts that were broken on purpose: what <c>qanat doctor</c> finds, and that its remedies are some.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly Experiment _experiment = new();
    private readonly TestNamespace _host, _neighbour;

    public DoctorTests() => (_host, _neighbour) = (_experiment.A, _experiment.B);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void A_host_whose_tunnel_works_gets_no_warning()
    {
        Wait.Until(() => _host.Reaches(Experiment.InnerB), what: "the tunnel to work");
        var report = Examine(_host);
        Assert.Equal((0, 0), (report.Blocks, report.Warnings));
        Assert.Equal(0, report.ExitCode);
        Assert.Equal($"net:[{_host.Inode}]", report.Namespace);
        Assert.EndsWith("ok (--verbose lists them)\n", _host.Do("qanat doctor"), StringComparison.Ordinal);
        Assert.Contains("ok       /dev/net/tun opens", _host.Do("qanat doctor --verbose"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_changed_and_nothing_is_started()
    {
        using var empty = new TestNamespace("empty");
        const string state =
            "ip -d link; ip addr; ip route show table all; ip rule; sysctl -a 2>/dev/null | grep -E 'net.ipv.*(conf|forward)'";
        var before = empty.Do(state);
        empty.Do("qanat doctor");
        Assert.Equal(before, empty.Do(state));
        Assert.Empty(empty.Processes);
        Assert.Empty(Directory.GetFiles(empty.RunDirectory));
    }

    [Fact]
    public void Another_network_namespace_is_examined_by_its_name()
    {
        using var elsewhere = new TestNamespace("elsewhere");
        _host.Do("ip tuntap add tap0 mode tap", "ip addr add 10.18.0.1/24 dev tap0", "ip link set tap0 up",
            "sysctl -w net.ipv4.conf.tun1.rp_filter=1", "ip route add 10.9.0.0/16 dev tun1 metric 9", "ip route add 10.9.0.0/16 dev eth0");
        var report = Examine(elsewhere, $"QANAT_RUN_DIR={_host.RunDirectory} qanat -n {_host.Name} doctor");
        Assert.Equal($"net:[{_host.Inode}]", report.Namespace);
        Assert.Contains("blocks no-program tap0", report.Findings);
        Assert.Contains("warning reverse-path tun1", report.Findings);
        Assert.Equal([], report.Findings.Where(finding => finding.Contains(" daemon-", StringComparison.Ordinal)));
        Assert.Equal(0, Examine(elsewhere).ExitCode);
    }

    [Theory]
    [InlineData("true", "node-missing")]
    [InlineData("mknod /dev/net/tun c 1 3", "node-wrong")]
    [InlineData("touch /dev/net/tun", "node-wrong")]
    public void A_device_node_that_is_none_blocks(string make, string finding)
    {
        var report = Examine(_host, $"unshare -m sh -c 'mount -t tmpfs none /dev/net; {make}; qanat doctor --json'", json: "");
        Assert.Contains($"blocks {finding} ", report.Findings);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public void A_device_node_on_a_file_system_without_devices_blocks()
    {
        const string command = "unshare -m sh -c 'mount -t tmpfs -o nodev none /dev/net; mknod /dev/net/tun c 10 200; qanat doctor --json'";
        Assert.Contains("blocks node-on-nodev ", Examine(_host, command, json: "").Findings);
    }

    [Theory]
    [InlineData("setpriv --bounding-set=-net_admin --inh-caps=-net_admin", "no-net-admin")]
    [InlineData("setpriv --bounding-set=-net_raw --inh-caps=-net_raw", "no-net-raw")]
    [InlineData("unshare --user --map-root-user", "net-admin-elsewhere")]
    public void Rights_that_are_missing_or_count_elsewhere_block(string prefix, string finding)
    {
        // The folder of the daemon's things is root's alone, and so no user namespace's.
        var report = Examine(_host, $"QANAT_RUN_DIR=/run/qanat-none {prefix} qanat doctor");
        Assert.Contains($"blocks {finding} ", report.Findings);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public void Without_the_right_to_make_a_namespace_the_rest_is_examined_all_the_same()
    {
        var report = Examine(_host, "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin qanat doctor");
        Assert.Contains("ok offloads-untried ", report.Findings);
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public void A_TAP_that_nobody_holds_blocks_and_one_that_is_left_over_is_noted()
    {
        _host.Do("ip tuntap add tap0 mode tap", "ip addr add 10.18.0.1/24 dev tap0", "ip link set tap0 up", "ip tuntap add tun9 mode tun");
        var report = Examine(_host);
        Assert.Equal(1, report.ExitCode);
        Assert.Contains("blocks no-program tap0", report.Findings);
        Assert.Contains("note left-over tun9", report.Findings);
        var text = _host.Run("qanat doctor tap0").Output;
        Assert.Contains("held by     nobody", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tun9", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Forwarding_that_is_off_is_noted_when_networks_are_routed_through_a_tunnel()
    {
        _host.Do("ip route add 10.9.0.0/16 dev tun1", "sysctl -w net.ipv4.ip_forward=0");
        Assert.Contains("note forwarding-off tun1", Examine(_host).Findings);
        _host.Do("sysctl -w net.ipv4.ip_forward=1");
        Assert.DoesNotContain("note forwarding-off tun1", Examine(_host).Findings);
    }

    [Fact]
    public void Packets_that_were_not_sent_on_make_it_a_warning()
    {
        _host.Do("ip route add 10.9.0.0/16 dev tun1", "sysctl -w net.ipv4.ip_forward=0");
        _neighbour.Do($"ip route add 10.9.0.0/16 via {TwoHosts.AddressOfA}", "ping -c 1 -W 1 10.9.0.1 || true");
        Assert.Contains("warning forwarding-off tun1", Examine(_host).Findings);
    }

    [Fact]
    public void IPv6_that_is_off_is_told_of_and_blocks_who_asks_for_it()
    {
        _host.Do("ip tuntap add tap0 mode tap", "sysctl -w net.ipv6.conf.tap0.disable_ipv6=1");
        Assert.Contains("note ipv6-disabled tap0", Examine(_host).Findings);
        _host.Do("sysctl -w net.ipv6.conf.all.disable_ipv6=1");
        Assert.Contains("note ipv6-disabled ", Examine(_host).Findings);
        Assert.Contains("blocks ipv6-disabled ", Examine(_host, "qanat doctor fd00::2").Findings);
    }

    [Theory]
    [InlineData("ip link set tun1 down", "blocks device-down tun1")]
    [InlineData("ip link set tun1 mtu 1500", "warning mtu-too-large tun1")]
    [InlineData("ip link set eth0 mtu 1400", "warning mtu-too-large tun1")]
    [InlineData("ip route add 10.10.50.186 dev tun1", "blocks route-loop tun1")]
    [InlineData("ip route add prohibit 10.10.50.186", "blocks route-refused tun1")]
    [InlineData("ip route add blackhole 10.10.50.186", "blocks route-refused tun1")]
    [InlineData("ip route del 10.10.50.0/24", "blocks no-route tun1")]
    [InlineData("ip route del 192.168.1.2 dev tun1", "warning peer-without-route tun1")]
    [InlineData("sysctl -w net.ipv4.conf.all.rp_filter=1; ip route add 10.9.0.0/16 dev tun1 metric 9; ip route add 10.9.0.0/16 dev eth0",
        "warning reverse-path tun1")]
    [InlineData("nft 'table inet f { chain input { type filter hook input priority 0; policy drop; iif lo accept; iif tun1 accept; }; }'",
        "warning firewall-input tun1")]
    [InlineData("nft 'table ip f { chain output { type filter hook output priority 0; ip protocol 4 counter drop; }; }'",
        "warning firewall-output tun1")]
    [InlineData("ip link set lo down", "note loopback-down ")]
    public void What_breaks_a_tunnel_is_found_and_the_remedy_cures_it(string damage, string finding)
    {
        _host.Do(damage);
        var report = Examine(_host);
        Assert.Contains(finding, report.Findings);
        Assert.Equal(finding.StartsWith("blocks", StringComparison.Ordinal) ? 1 : 0, report.ExitCode);
        _host.Do(report.RemedyOf(finding));
        Assert.DoesNotContain(finding, Examine(_host).Findings);
        Assert.True(Wait.Holds(() => _host.Reaches(Experiment.InnerB)));
    }

    [Theory]
    [InlineData("qanat tunnel add tun2 mode ipip remote 198.51.100.1 local 10.10.50.71", "blocks no-route tun2")]
    [InlineData("qanat tunnel add tun2 mode ipip remote 10.10.50.99 local 10.10.50.70", "blocks local-not-here tun2")]
    [InlineData("qanat tunnel add tun2 mode ipip remote 10.10.50.71", "blocks remote-is-here tun2")]
    [InlineData("ip tuntap add tun2 mode tun; ip addr add 10.2.0.1/24 dev tun2; ip link set tun2 up", "blocks no-program tun2")]
    [InlineData("ip tuntap add tun2 mode tun; ip link set tun2 up", "warning no-address tun2")]
    [InlineData("ip tuntap add tun2 mode tun; ip addr add 10.10.50.70/24 dev tun2; ip link set tun2 up", "warning same-network tun2")]
    [InlineData("ip tuntap add tun2 mode tun; ip link set tun2 mtu 9000 up", "warning mtu-above-uplink tun2")]
    [InlineData("ip tuntap add tap2 mode tap; ip link add br0 type bridge; ip link set tap2 master br0 up", "blocks bridge-down tap2")]
    public void What_is_wrong_with_a_second_device_is_found(string damage, string finding)
    {
        _host.Do(damage);
        Assert.Contains(finding, Examine(_host).Findings);
        Assert.DoesNotContain(Examine(_host, "qanat doctor tun1").Findings, other => other.EndsWith('2'));
    }

    [Fact]
    public void A_tunnel_of_the_kernels_own_is_examined_too()
    {
        _host.Do("ip link add vx0 type vxlan id 7 remote 10.10.50.186 local 10.10.50.71 dstport 4789", "ip addr add 10.77.0.1/24 dev vx0",
            "ip link set vx0 mtu 1500 up");
        Assert.Contains("warning mtu-too-large vx0", Examine(_host).Findings);
    }

    [Fact]
    public void A_daemon_that_was_killed_is_missed_and_comes_back()
    {
        var daemon = _host.Daemon()!.Value;
        _host.Do($"kill -KILL {daemon}");
        Wait.Until(() => !_host.Processes.Contains(daemon), what: "the daemon to end");
        var report = Examine(_host);
        Assert.Contains("blocks daemon-dead ", report.Findings);
        Assert.Equal(1, report.ExitCode);
        Assert.Null(_host.Daemon()); // looking at it does not bring it back
        _host.Do("qanat tunnel show");
        Wait.Until(() => Examine(_host).ExitCode == 0, what: "the tunnel to be well again");
    }

    [Fact]
    public void A_daemon_that_kept_nothing_and_was_killed_leaves_what_is_noted()
    {
        using var empty = new TestNamespace("empty");
        using var daemon = empty.Start("exec qanat daemon");
        Wait.Until(() => File.Exists(empty.Socket()), what: "the socket");
        Assert.DoesNotContain(Examine(empty).Findings, finding => finding.Contains("daemon-", StringComparison.Ordinal));
        daemon.Kill();
        Wait.Until(() => empty.Processes.Count == 0, what: "the daemon to end");
        Assert.Contains("note daemon-left-over ", Examine(empty).Findings);
    }

    [Fact]
    public void A_daemon_that_hangs_is_told_of_in_time_and_so_are_the_packets_that_it_does_not_read()
    {
        var daemon = _host.Daemon()!.Value;
        _host.Do($"kill -STOP {daemon}");
        // The device's queue holds 500 packets.
        Wait.Until(
            () =>
            {
                _host.Run($"ping -q -f -c 400 -W 1 -w 1 {Experiment.InnerB}");
                return _host.Counter("tun1", "tx", "dropped") > 0;
            }, what: "the queue to overflow");
        var report = Examine(_host);
        Assert.Contains("blocks daemon-silent ", report.Findings);
        Assert.Contains(report.Findings, finding => finding is "note was-not-read tun1" or "warning not-read tun1");
        _host.Do($"kill -CONT {daemon}");
        Assert.DoesNotContain("blocks daemon-silent ", Examine(_host).Findings);
    }

    [Fact]
    public void The_way_to_an_address_is_shown_with_what_is_below_the_tunnel()
    {
        var text = _host.Do($"qanat doctor {Experiment.InnerB}");
        Assert.Contains($"way    by tun1 from {Experiment.InnerA}, mtu 1480", text, StringComparison.Ordinal);
        Assert.Contains($"below  tun1 to {TwoHosts.AddressOfB}, by eth0", text, StringComparison.Ordinal);
        Assert.Contains("blocks no-route ", Examine(_host, "qanat doctor 198.51.100.1").Findings);
    }

    [Fact]
    public void A_word_that_is_neither_a_device_nor_an_address_is_refused_in_a_line()
    {
        var result = _host.Run("qanat doctor nosuch");
        Assert.Equal("\"nosuch\" is neither a device of this network namespace nor an address.\n", result.Error);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
    }

    private static Diagnosis Examine(TestNamespace host, string command = "qanat doctor", string json = " --json")
    {
        var result = host.Run(command + json);
        Assert.True(result.Error.Length == 0, result.ToString());
        return new(result.ExitCode, JsonDocument.Parse(result.Output).RootElement);
    }

    /// <summary>A report, read back.</summary>
    private sealed record Diagnosis(int ExitCode, JsonElement Report)
    {
        public string? Namespace => Report.GetProperty("namespace").GetString();

        public int Blocks => Report.GetProperty("blocks").GetInt32();

        public int Warnings => Report.GetProperty("warnings").GetInt32();

        /// <summary>Each finding as <c>severity name device</c>.</summary>
        public IReadOnlyList<string> Findings => [.. Report.GetProperty("findings").EnumerateArray().Select(Describe)];

        /// <summary>The first thing that a finding says to do.</summary>
        public string RemedyOf(string finding) =>
            Report.GetProperty("findings").EnumerateArray().First(one => Describe(one) == finding).GetProperty("do")[0].GetString()!;

        private static string Describe(JsonElement finding) =>
            $"{finding.GetProperty("severity")} {finding.GetProperty("name")} " +
            (finding.TryGetProperty("device", out var device) ? device.GetString() : "");
    }
}
