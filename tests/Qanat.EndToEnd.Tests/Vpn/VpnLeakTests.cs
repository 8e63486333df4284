using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Vpn.HubNetwork;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>What a client whose traffic all goes through the hub lets out beside the tunnel: nothing.</summary>
public sealed class VpnLeakTests
{
    // Who is on the link, which nobody can do without: ARP, neighbour discovery, and membership reports (next header 0).
    private const string Link = "arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 137) or (ip6 and ip6[6] == 0)";
    private const string Tunnel = $"udp and host {HubOutside} and port 51820";

    [Fact]
    public void While_it_is_up_only_the_tunnels_datagrams_leave()
    {
        using var net = new HubNetwork("internet");
        net.Up();
        using var tunnel = new Capture(net.Client, "eth0", Tunnel);
        net.Join("laptop");
        WaitToReach(net.Client, InternetAddress);
        using var leaks = new Capture(net.Client, "eth0", $"{FromUs(net.Client)} and not ({Link} or ({Tunnel}))");
        Try(net.Client);
        net.Down();
        Try(net.Client);
        Assert.NotEmpty(tunnel.SoFar.Packets);
        Assert.Empty(leaks.SoFar.Packets);
    }

    [Fact]
    public void With_the_kill_switch_nothing_leaves_when_the_tunnel_is_killed_until_it_is_taken_down()
    {
        using var net = new HubNetwork("internet");
        net.Up();
        var file = net.Join("laptop", "--kill-switch");
        WaitToReach(net.Client, InternetAddress);
        net.Client.Do($"kill -KILL {string.Join(' ', KeepersOf(net.Client, file))}");
        Wait.Until(() => KeepersOf(net.Client, file).Length == 0, what: "it to be gone");
        using var after = new Capture(net.Client, "eth0", $"{FromUs(net.Client)} and not ({Link})"); // the hub still looks for us
        Try(net.Client);
        Assert.False(net.Client.Reaches(HubOutside));
        Assert.Empty(after.SoFar.Packets);

        net.Client.Do($"qanat down {file}");
        Assert.True(net.Client.Reaches(HubOutside));
        Assert.NotEmpty(after.SoFar.Packets);
        Assert.Equal("", net.Client.Do("nft list ruleset"));
    }

    private static string FromUs(TestNamespace client) => $"ether src {client.Link("eth0").GetProperty("address").GetString()}";

    private static void Try(TestNamespace client)
    {
        foreach (var address in (string[])[.. Beyond, "192.0.2.99", "2001:db8::99"])
            client.Run($"ping -c 1 -W 1 {address}");
        client.Run("echo x | socat -u STDIN UDP:192.0.2.53:53");
        client.Run("socat -u TCP:203.0.113.2:9,connect-timeout=1 STDOUT");
    }

    private static int[] KeepersOf(TestNamespace client, string file) =>
        [
            .. client.Processes.Where(pid =>
                Read(pid).Contains(file, StringComparison.Ordinal) && Read(pid).Contains("--detach", StringComparison.Ordinal)),
        ];

    private static string Read(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return ""; // It ended meanwhile.
        }
    }
}
