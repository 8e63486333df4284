using System.Text.Json;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>What can be seen of a WireGuard interface while it runs.</summary>
public sealed class SightTests
{
    [Fact]
    public void The_report_has_all_but_the_secrets()
    {
        using var pair = new WireGuardPair();
        pair.SharePresharedKey();
        pair.A.Host.Do($"ping -c 3 -i 0.2 -W 10 {InnerB}");
        pair.A.Host.Run("ping -c 1 -W 1 10.77.0.99"); // of which no peer has the address

        var text = pair.A.Host.Do($"printf 'qanat_report=1\\n\\n' | socat -t 5 - UNIX-CONNECT:{pair.A.Socket}");
        var report = JsonDocument.Parse(text).RootElement;
        Assert.Equal(pair.A.PublicKey, report.GetProperty("publicKey").GetString());
        Assert.Equal((true, PortOfA), (report.GetProperty("up").GetBoolean(), report.GetProperty("listenPort").GetInt32()));
        Assert.Equal(pair.A.Host.Inode, report.GetProperty("namespace").GetUInt64());
        Assert.True(report.GetProperty("drops").GetProperty("no-peer").GetInt64() >= 1);
        var peer = Assert.Single(report.GetProperty("peers").EnumerateArray());
        Assert.Equal(pair.B.PublicKey, peer.GetProperty("publicKey").GetString());
        Assert.Equal($"{TwoHosts.AddressOfB}:{PortOfB}", peer.GetProperty("endpoint").GetString());
        Assert.InRange(peer.GetProperty("rttSeconds").GetDouble(), 0.000_001, 5);
        Assert.InRange(peer.GetProperty("sessionAgeSeconds").GetDouble(), 0.1, 180);
        Assert.Equal((3, 3), (peer.GetProperty("rxPackets").GetInt64(), peer.GetProperty("txPackets").GetInt64()));

        foreach (var secret in (string[])[File.ReadAllText(pair.A.PrivateKeyFile).Trim(), pair.A.Show("preshared-keys").Split('\t')[1]])
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(Convert.FromBase64String(secret)), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Events_are_told_as_they_happen_and_end_with_Ctrl_C()
    {
        using var pair = new WireGuardPair();
        using var listening = pair.B.Host.Start($"exec qanat events {pair.B.Device}");
        Wait.Until(() => Events(listening).Count > 0, what: "the first event");
        Assert.True(pair.A.Host.Reaches(InnerB));
        pair.A.Set("listen-port 40000");
        Wait.Until(() => pair.A.Host.Reaches(InnerB), what: "B to follow");
        pair.B.Set($"peer {pair.A.PublicKey} remove");
        pair.B.Host.Do($"ip link set {pair.B.Device} down");
        Wait.Until(() => Events(listening).Any(happened => Is(happened, "down")), what: "the last event");
        listening.Interrupt();
        Assert.Equal(0, listening.WaitForExit().ExitCode);

        var heard = Events(listening);
        Assert.Equal("listening", heard[0].GetProperty("event").GetString());
        Assert.All(heard, happened => Assert.Equal(pair.B.Device, happened.GetProperty("interface").GetString()));
        var completed = heard.First(happened => Is(happened, "handshake-completed"));
        Assert.Equal(pair.A.PublicKey, completed.GetProperty("peer").GetString());
        Assert.InRange(completed.GetProperty("rttSeconds").GetDouble(), 0.000_001, 5);
        var moved = heard.Last(happened => Is(happened, "endpoint-changed"));
        Assert.Equal($"{TwoHosts.AddressOfA}:{PortOfA}", moved.GetProperty("before").GetString());
        Assert.Equal($"{TwoHosts.AddressOfA}:40000", moved.GetProperty("endpoint").GetString());
        Assert.Contains(heard, happened => Is(happened, "peer-removed"));
        Assert.DoesNotContain("privateKey", listening.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Events_of_an_interface_that_comes_later_are_heard_and_end_with_it()
    {
        using var host = new TestNamespace();
        using var all = host.Start("exec qanat events");
        using var end = new WireGuardEnd(host, "qanat-wg");
        Wait.Until(() => all.Output.Contains($"\"interface\":\"{end.Device}\",\"event\":\"listening\"", StringComparison.Ordinal),
            what: "the interface to be found");
        using var one = host.Start($"exec qanat events {end.Device}");
        Wait.Until(() => one.Output.Contains("listening", StringComparison.Ordinal), what: "the first event");
        host.Do($"ip link del {end.Device}");
        Assert.Equal(0, one.WaitForExit().ExitCode);
        Assert.Equal("down", Events(one)[^1].GetProperty("event").GetString());
        Wait.Until(() => Events(all) is [.., var last] && Is(last, "down"), what: "everybody to hear of the end");
        Assert.False(all.HasExited);
        all.Interrupt();
        Assert.Equal(0, all.WaitForExit().ExitCode);
    }

    [Fact]
    public void Another_implementation_tells_no_events_which_matters_to_who_asks_for_its_own_alone()
    {
        using var host = new TestNamespace();
        using var other = new WireGuardEnd(host, "wireguard-go");
        using var end = new WireGuardEnd(host, "qanat-wg");
        var one = host.Run($"timeout 20 qanat events {other.Device}");
        Assert.Equal((1, "", $"{other.Device}: it tells no events: it is not Qanat\n"), (one.ExitCode, one.Output, one.Error));
        using var all = host.Start("exec qanat events");
        Wait.Until(() => all.Output.Contains($"\"{end.Device}\"", StringComparison.Ordinal), what: "the other interface to be heard of");
        all.Interrupt();
        Assert.DoesNotContain(other.Device, all.WaitForExit().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void So_many_may_listen_and_each_that_leaves_makes_room()
    {
        using var pair = new WireGuardPair();
        var listening = Enumerable.Range(0, 17)
            .Select(_ => pair.A.Host.Start($"(printf 'qanat_events=1\\n\\n'; exec sleep 600) | socat - UNIX-CONNECT:{pair.A.Socket}"))
            .ToList();
        try
        {
            Wait.Until(() => listening.Any(client => client.Output.Contains("errno=-16", StringComparison.Ordinal)), what: "one too many");
            var refused = pair.A.Host.Run($"qanat events {pair.A.Device}");
            Assert.Equal((1, $"{pair.A.Device}: as many listen to it as may\n"), (refused.ExitCode, refused.Error));
            Assert.True(pair.A.Host.Reaches(InnerB));
            Assert.Equal($"{PortOfA}", pair.A.Show("listen-port"));
        }
        finally
        {
            listening.ForEach(client => client.Dispose());
        }
        Wait.Until(
            () => pair.A.Host.Run($"timeout 5 qanat events {pair.A.Device} | head -1").Output
                .Contains("listening", StringComparison.Ordinal),
            what: "places to be free");
    }

    [Fact]
    public void Top_shows_the_peers_of_both_implementations_and_the_tunnels_with_their_rates()
    {
        using var pair = new WireGuardPair("qanat-wg", "wireguard-go");
        pair.A.Host.Do("qanat tunnel add seen0 mode ipip remote 192.0.2.1", $"ping -c 2 -i 0.2 -W 10 {InnerB}");
        using var traffic = pair.A.Host.Start($"exec ping -i 0.05 -s 1000 {InnerB}");

        var top = JsonDocument.Parse(pair.A.Host.Do("qanat top --json")).RootElement;
        var (a, b) = (Peer(top, pair.A.Device), Peer(top, pair.B.Device));
        Assert.Equal(pair.B.PublicKey, a.GetProperty("publicKey").GetString());
        Assert.Equal(pair.A.PublicKey, b.GetProperty("publicKey").GetString());
        Assert.True(a.GetProperty("rttSeconds").GetDouble() > 0);
        Assert.True(a.GetProperty("txBytesPerSecond").GetDouble() > 500);
        Assert.True(b.GetProperty("rxBytesPerSecond").GetDouble() > 500);
        Assert.Contains(top.GetProperty("tunnels").EnumerateArray(), tunnel => tunnel.GetProperty("name").GetString() == "seen0");

        var table = pair.A.Host.Do($"qanat top {pair.A.Device}");
        Assert.Contains($"{pair.A.Device}  up, port {PortOfA}, 1 peer, in ", table, StringComparison.Ordinal);
        Assert.Contains($"{pair.B.PublicKey}  {TwoHosts.AddressOfB}:{PortOfB} ", table, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', table);
    }

    [Fact]
    public void On_a_terminal_top_goes_on_until_q()
    {
        using var pair = new WireGuardPair();
        // script(1) gives it a terminal; what it reads comes from a pipe.
        var watched = pair.A.Host.Run(
            "(while sleep 0.5; do printf q || exit; done) | TERM=xterm timeout 30 " +
            $"script -qec 'stty cols 100 rows 30; qanat top {pair.A.Device}' /dev/null");
        Assert.Equal(0, watched.ExitCode);
        Assert.Contains(pair.A.Device, watched.Output, StringComparison.Ordinal);
        Assert.Contains("q: quit", watched.Output, StringComparison.Ordinal);
        Assert.Contains("\e[?25h", watched.Output, StringComparison.Ordinal); // the cursor is back
    }

    [Fact]
    public async Task Metrics_have_the_interfaces_of_the_namespace_with_and_without_a_daemon()
    {
        using var pair = new WireGuardPair();
        Assert.True(pair.A.Host.Reaches(InnerB));
        var received = $"qanat_wireguard_peer_received_bytes_total{{interface=\"{pair.A.Device}\",peer=\"{pair.B.PublicKey}\"}} ";
        var alone = pair.A.Host.Do("qanat metrics");
        Assert.Contains(received, alone, StringComparison.Ordinal);
        Assert.Contains($"qanat_wireguard_peer_rtt_seconds{{interface=\"{pair.A.Device}\"", alone, StringComparison.Ordinal);
        Assert.DoesNotContain(pair.B.Device, alone, StringComparison.Ordinal);
        Assert.DoesNotContain("qanat_tunnels", alone, StringComparison.Ordinal);

        pair.A.Host.Do("qanat tunnel add seen1 mode ipip remote 192.0.2.1");
        using var client = pair.A.Host.Client();
        var served = await client.GetStringAsync("metrics", TestContext.Current.CancellationToken);
        foreach (var text in (string[])[pair.A.Host.Do("qanat metrics"), served])
        {
            Assert.Contains(received, text, StringComparison.Ordinal);
            Assert.Contains("qanat_tunnel_rx_bytes_total{tunnel=\"seen1\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain(pair.B.Device, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Metrics_have_another_implementation_that_went_to_the_background_where_its_device_is()
    {
        using var host = new TestNamespace();
        using var elsewhere = new TestNamespace();
        using var other = new WireGuardEnd(host, "wireguard-go");
        var answered = $"qanat_wireguard_scrape_success{{interface=\"{other.Device}\"}} 1";
        Assert.Contains(answered, host.Do("qanat metrics"), StringComparison.Ordinal);
        Assert.DoesNotContain(other.Device, elsewhere.Do("qanat metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_hangs_holds_neither_top_nor_metrics_nor_doctor_up()
    {
        using var host = new TestNamespace();
        using var well = new WireGuardEnd(host, "qanat-wg");
        using var hung = new WireGuardEnd(host, "qanat-wg");
        var pid = host.Processes.Single(process =>
            File.ReadAllText($"/proc/{process}/cmdline").Contains(hung.Device, StringComparison.Ordinal));
        host.Do($"kill -STOP {pid}");
        try
        {
            var top = JsonDocument.Parse(host.Do("timeout 20 qanat top --json")).RootElement;
            Assert.Contains(top.GetProperty("silent").EnumerateArray(), found => found.GetProperty("interface").GetString() == hung.Device);
            Assert.Contains(top.GetProperty("interfaces").EnumerateArray(),
                found => found.GetProperty("interface").GetString() == well.Device);
            var metrics = host.Do("timeout 20 qanat metrics");
            Assert.Contains($"qanat_wireguard_scrape_success{{interface=\"{hung.Device}\"}} 0", metrics, StringComparison.Ordinal);
            Assert.Contains($"qanat_wireguard_scrape_success{{interface=\"{well.Device}\"}} 1", metrics, StringComparison.Ordinal);
            Assert.Contains("wireguard-silent", host.Run("timeout 60 qanat doctor --json").Output, StringComparison.Ordinal);
            var events = host.Run($"timeout 60 qanat events {hung.Device}");
            Assert.Equal((1, $"{hung.Device}: it does not answer\n"), (events.ExitCode, events.Error));
        }
        finally
        {
            host.Do($"kill -CONT {pid}");
        }
    }

    [Theory]
    [InlineData("top")]
    [InlineData("events")]
    public void An_interface_that_is_not_there_is_refused_in_a_line(string verb)
    {
        using var host = new TestNamespace();
        var refused = host.Run($"qanat {verb} nobody");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Equal(
            "There is no WireGuard interface \"nobody\" in user space: /var/run/wireguard/nobody.sock is missing.\n", refused.Error);
    }

    [Fact]
    public void The_doctor_tells_of_a_peer_that_never_answered()
    {
        using var pair = new WireGuardPair(endpoint: "10.10.50.77:1");
        Assert.False(pair.A.Host.Reaches(InnerB));
        Assert.Contains("wireguard-no-handshake", pair.A.Host.Run($"qanat doctor {pair.A.Device} --json").Output, StringComparison.Ordinal);
    }

    private static JsonElement Peer(JsonElement top, string device) => Assert.Single(
        top.GetProperty("interfaces").EnumerateArray().Single(found => found.GetProperty("interface").GetString() == device)
            .GetProperty("peers").EnumerateArray());

    private static List<JsonElement> Events(RunningCommand listening)
    {
        var whole = listening.Output[..(listening.Output.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static bool Is(JsonElement happened, string what) => happened.GetProperty("event").GetString() == what;
}
