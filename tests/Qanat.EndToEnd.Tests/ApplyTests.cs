using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary><c>qanat apply</c> and <c>qanat export</c> on two hosts with a wire between.</summary>
public sealed class ApplyTests : IDisposable
{
    private const string Tunnels = """
        network:
          version: 2
          tunnels:
            tun1:
              mode: ipip
              local: 10.10.50.71
              remote: 10.10.50.186
              addresses: [192.168.1.1/32: {peer: 192.168.1.2}]
              routes: [{to: 10.1.0.0/16, via: 192.168.1.2}, {to: 10.2.0.0/16, table: 100, mtu: 1300}]
            tun2:
              mode: gre
              local: 10.10.50.71
              remote: 10.10.50.186
              key: 5
              addresses: [192.168.2.1/24, "2001:db8::1/64"]
              routes: [{to: "2001:db8:5::/48", via: "2001:db8::2"}]
        """;

    private readonly TwoHosts _hosts = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-apply-").FullName;
    private readonly TestNamespace _a, _b;

    public ApplyTests()
    {
        (_a, _b) = (_hosts.A, _hosts.B);
        Apply(_b, Tunnels.Replace("local: 10.10.50.71", "local: 10.10.50.186").Replace("remote: 10.10.50.186", "remote: 10.10.50.71")
            .Replace("192.168.1.1/32: {peer: 192.168.1.2}", "192.168.1.2/32: {peer: 192.168.1.1}")
            .Replace("via: 192.168.1.2", "via: 192.168.1.1").Replace("192.168.2.1/24", "192.168.2.2/24")
            .Replace("\"2001:db8::1/64\"", "\"2001:db8::2/64\"").Replace("via: \"2001:db8::2\"", "via: \"2001:db8::1\""));
    }

    public void Dispose()
    {
        _hosts.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_is_all_that_two_hosts_need_and_applying_it_again_finds_nothing_to_do()
    {
        var dry = Apply(_a, Tunnels, "--dry-run");
        Assert.False(_a.Has("tun1"));
        Assert.Equal(dry, Apply(_a, Tunnels));
        Assert.Contains("+ tunnel tun2 mode gre local 10.10.50.71 remote 10.10.50.186 key 5\n", dry);
        Assert.Contains("+ address 192.168.1.1/32 peer 192.168.1.2 dev tun1\n", dry);
        Assert.Contains("+ route 10.2.0.0/16 table 100 mtu 1300 dev tun1\n", dry);

        Assert.Equal("nothing to do\n", Apply(_a, Tunnels));
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "ipip");
        Wait.Until(() => _a.Reaches("192.168.2.2"), what: "gre");
        Wait.Until(() => _a.Reaches("2001:db8::2"), what: "IPv6 in gre");
        Assert.Equal("10.2.0.0/16 dev tun1 proto static scope link mtu 1300", _a.Do("ip route show table 100").Trim());
    }

    [Fact]
    public void What_changes_something_else_interrupts_no_traffic()
    {
        Apply(_a, Tunnels);
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "ipip");
        var index = _a.Link("tun1").GetProperty("ifindex").GetInt32();
        using var pings = _a.Start("exec ping -q -i 0.01 -c 300 192.168.1.2");
        var edited = Tunnels.Replace("key: 5", "ttl: 64").Replace("192.168.2.1/24", "192.168.3.1/24")
            .Replace("10.2.0.0/16, table: 100", "10.3.0.0/16, table: 100") + "\n    tun3: {mode: ipip, remote: 10.10.50.200}\n";
        Assert.Equal(
            """
            - route 10.2.0.0/16 table 100 mtu 1300 dev tun1
            + route 10.3.0.0/16 table 100 mtu 1300 dev tun1
            ~ tunnel tun2: ttl inherit -> 64, key 5 -> none
            - address 192.168.2.1/24 dev tun2
            + address 192.168.3.1/24 dev tun2
            + tunnel tun3 mode ipip remote 10.10.50.200

            """, Apply(_a, edited));
        Assert.Equal("nothing to do\n", Apply(_a, edited));
        Assert.Equal("- tunnel tun3\n", Apply(_a, edited[..edited.IndexOf("    tun3", StringComparison.Ordinal)], "--prune"));

        // A device made anew, or routes that went and came back, would cost dozens; a busy machine may lose one.
        var report = pings.WaitForExit().Required;
        var received = int.Parse(Regex.Match(report, @"(\d+) received").Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(received >= 297, report);
        Assert.Equal(index, _a.Link("tun1").GetProperty("ifindex").GetInt32());
    }

    [Fact]
    public void A_tunnel_that_must_be_made_anew_gets_its_addresses_and_routes_again()
    {
        Apply(_a, Tunnels);
        var index = _a.Link("tun1").GetProperty("ifindex").GetInt32();
        var shown = Apply(_a, Tunnels.Replace("mode: ipip", "mode: gre").Replace("mtu: 1300", "mtu: 1200"));
        Assert.StartsWith("~ tunnel tun1: mode ipip -> gre (made anew)\n", shown, StringComparison.Ordinal);
        Assert.NotEqual(index, _a.Link("tun1").GetProperty("ifindex").GetInt32());
        Assert.Contains("10.1.0.0/16 via 192.168.1.2 dev tun1", _a.Do("ip route show"), StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_daemon_was_killed_there_is_nothing_to_do_and_after_a_reboot_everything()
    {
        Apply(_a, Tunnels);
        _a.Do($"kill -9 {_a.Daemon()}");
        Assert.Equal("nothing to do\n", Apply(_a, Tunnels));
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "traffic");

        var exported = _a.Do("qanat export");
        Assert.Equal("nothing to do\n", Apply(_a, exported));
        Assert.Equal("nothing to do\n", Apply(_a, _a.Do("qanat export --json")));
        var (addresses, routes) = (Addresses(), Routes());

        _a.Do($"kill -9 {_a.Daemon()}", "ip link del tun1", "ip link del tun2", $"rm -f {_a.RunDirectory}/*");
        Assert.Equal("", _a.Do("qanat tunnel show"));
        Apply(_a, exported);
        Assert.Equal(exported, _a.Do("qanat export"));
        Assert.Equal((addresses, routes), (Addresses(), Routes()));
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "ipip");
        Wait.Until(() => _a.Reaches("2001:db8::2"), what: "IPv6 in gre");

        string Addresses() => _a.Do("for t in tun1 tun2; do ip -br addr show dev $t scope global; done");
        string Routes() => _a.Do("ip route show table all | grep tun | sort; ip -6 route show table all | grep 2001:db8 | sort");
    }

    [Fact]
    public void What_others_added_to_a_device_goes_and_what_the_kernel_and_routing_protocols_added_stays()
    {
        Apply(_a, Tunnels);
        _a.Do("ip addr add 192.168.9.9/32 dev tun2", "ip route add 10.9.0.0/16 dev tun2", "ip route add 10.8.0.0/16 dev tun2 proto bgp");
        Assert.Equal("- address 192.168.9.9/32 dev tun2\n- route 10.9.0.0/16 dev tun2\n", Apply(_a, Tunnels));
        Assert.Contains("10.8.0.0/16 dev tun2 proto bgp", _a.Do("ip route show"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_file_changes_nothing_and_each_mistake_is_a_line()
    {
        var wrong = File.CreateText(Path.Combine(_folder, "wrong.yaml"));
        using (wrong)
            wrong.Write(Tunnels.Replace("mode: gre", "mode: gre\n      ttl: 300\n      remot: 10.0.0.1"));
        var result = _a.Run($"cd {_folder} && qanat apply wrong.yaml");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            "wrong.yaml:12:12: ttl: a number from 1 to 255, or inherit, is expected rather than \"300\"\n" +
            "wrong.yaml:13:7: tun2: there is no key \"remot\"; is \"remote\" meant?\n", result.Error);
        Assert.False(_a.Has("tun1"));
    }

    [Fact]
    public void What_the_daemon_refuses_is_said_and_the_rest_is_done()
    {
        var file = Write(Tunnels + "\n    tun3: {mode: ipip, local: 10.10.50.71, remote: 10.10.50.186}\n");
        var result = _a.Run($"qanat apply --json {file}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("qanat: add tunnel tun3: File exists", result.Error, StringComparison.Ordinal);
        var refused = JsonDocument.Parse(result.Output).RootElement.GetProperty("refused");
        Assert.StartsWith("add tunnel tun3: ", refused[0].GetString(), StringComparison.Ordinal);
        Wait.Until(() => _a.Reaches("192.168.1.2"), what: "traffic");
    }

    [Fact]
    public void A_thousand_tunnels_are_applied_and_pruned_at_once()
    {
        var text = "network:\n  tunnels:\n" + string.Concat(Enumerable.Range(0, 1000).Select(n => (Number: n, End: $"{n >> 8}.{n & 255}"))
            .Select(tunnel => $"    t{tunnel.Number}: {{mode: ipip, remote: 10.11.{tunnel.End}, addresses: [10.12.{tunnel.End}/32], " +
                $"routes: [{{to: 10.13.{tunnel.End}/32}}]}}\n"));
        Apply(_a, text);
        Assert.Equal("nothing to do\n", Apply(_a, text));
        Assert.Equal("1000", _a.Do("qanat tunnel show | wc -l").Trim());
        Assert.Equal("1000", _a.Do("ip route show proto static | wc -l").Trim());
        Apply(_a, "network: {tunnels: {}}", "--prune");
        Assert.Equal("", _a.Do("qanat tunnel show"));
    }

    private string Apply(TestNamespace host, string text, string options = "") =>
        host.Run($"qanat apply {options} {Write(text)}", TimeSpan.FromMinutes(2)).Required;

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "tunnels.yaml");
        File.WriteAllText(file, text);
        return file;
    }
}
