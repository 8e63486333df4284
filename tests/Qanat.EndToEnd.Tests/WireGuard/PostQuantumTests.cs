using System.Text.Json;
using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.WireGuard.WireGuardPair;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Preshared keys that two ends make by libcrypto's ML-KEM, and ends that cannot or do not want to.</summary>
public sealed class PostQuantumTests(NewerLibCrypto newer) : IClassFixture<NewerLibCrypto>
{
    // With this machine's own libcrypto.
    private const string Older = "env QANAT_POST_QUANTUM=1 qanat-wg";

    [Fact]
    public void Two_ends_come_to_a_session_under_such_a_key_and_lose_no_packet_for_it()
    {
        using var pair = new WireGuardPair(newer.Program, newer.Program);
        pair.SharePresharedKey();
        var configured = pair.A.Show("preshared-keys");
        pair.A.Host.Do($"ping -q -c 40 -i 0.05 -w 30 {InnerB}");
        WaitUntilProtected(pair);
        Assert.True(pair.B.Host.Reaches(InnerA));
        Assert.Equal(configured, pair.A.Show("preshared-keys"));
        Assert.Contains(
            $"qanat_wireguard_peer_post_quantum{{interface=\"{pair.A.Device}\",peer=\"{pair.B.PublicKey}\"}} 1",
            pair.A.Host.Do("qanat metrics"), StringComparison.Ordinal);
        Assert.Matches(@"\d+s pq ", pair.A.Host.Do($"qanat top {pair.A.Device} --once"));
    }

    [Fact]
    public void An_end_that_is_killed_and_begins_anew_is_back_with_its_first_retry()
    {
        using var pair = new WireGuardPair(newer.Program, newer.Program);
        Assert.True(pair.A.Host.Reaches(InnerB));
        WaitUntilProtected(pair);

        pair.A.Host.Do($"kill -KILL {pair.A.Pid}");
        Wait.Until(() => !pair.A.Host.Has(pair.A.Device), what: "the device to go with its process");
        pair.A.Host.Do($"{newer.Program} {pair.A.Device}");
        pair.A.Begin(PortOfA, $"{InnerA}/24");
        pair.A.Set($"peer {pair.B.PublicKey} allowed-ips {InnerB}/32 endpoint {TwoHosts.AddressOfB}:{PortOfB}");
        pair.A.Host.Do($"ping -c 1 -W 20 {InnerB}"); // it waits for the session
        WaitUntilProtected(pair);
        Assert.True(pair.A.Host.Reaches(InnerB));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_libcrypto_is_older_a_line_says_so_and_the_tunnel_is_as_ever(bool begins)
    {
        using var pair = begins ? new WireGuardPair(Older, newer.Program) : new WireGuardPair(newer.Program, Older);
        pair.A.Host.Do($"ping -q -c 20 -i 0.1 -w 30 {InnerB}");
        if (pair.A.Host.Do("openssl list -kem-algorithms").Contains("ML-KEM", StringComparison.Ordinal))
        {
            WaitUntilProtected(pair); // this machine's own is none of the older
            return;
        }
        Assert.False(IsProtected(pair.A) || IsProtected(pair.B));
        if (begins)
            return;
        Wait.Until(() => PeerOf(pair.B).GetProperty("drops").TryGetProperty("unknown-control", out _), what: "B to drop what A offers");

        var version = string.Join(' ', pair.A.Host.Do("openssl version").Split(' ').Take(2));
        using var host = new TestNamespace("alone");
        var device = WireGuardEnd.NewName();
        var line = $"{device}: post-quantum keys are off: {version} has no ML-KEM; OpenSSL 3.5 or later has it\n";
        Assert.Equal($"qanat-wg: {line}", host.Run($"{Older} {device}").Error);
        host.Do($"ip link del {device}");
        Wait.Until(() => host.Processes.Count == 0, what: "it to end");
        using var logging = host.Start($"LOG_LEVEL=error exec {Older} -f {device}");
        Wait.Until(() => logging.Error.EndsWith(line, StringComparison.Ordinal), what: "the line in the log");
        Wait.Until(() => File.Exists(WireGuardEnd.SocketOf(device)), what: "the socket, which it takes along when it ends");
        logging.Terminate();
        logging.WaitForExit();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Other_implementations_notice_nothing(bool begins)
    {
        using var pair = begins ? new WireGuardPair(newer.Program, "wireguard-go") : new WireGuardPair("wireguard-go", newer.Program);
        var (ours, theirs) = begins ? (pair.A, pair.B) : (pair.B, pair.A);
        pair.A.Host.Do($"ping -q -c 20 -i 0.1 -w 30 {InnerB}");
        Assert.False(IsProtected(ours));
        Assert.Single(theirs.Show("latest-handshakes").Split('\n'));
    }

    [Fact]
    public void A_hub_that_was_made_with_it_and_a_client_that_asks_for_it_show_it()
    {
        using var hosts = new TwoHosts();
        var (name, client) = (WireGuardEnd.NewName(), WireGuardEnd.NewName());
        var qanat = $"PATH={newer.Folder}:$PATH QANAT_CONFIG_DIR=$QANAT_RUN_DIR/etc qanat";
        var file = Path.Combine(hosts.A.RunDirectory, $"{client}.conf");
        hosts.B.Do(
            $"{qanat} vpn init {name} --endpoint {TwoHosts.AddressOfB}:51820 --subnet 10.8.0.0/24 --access peers --post-quantum",
            $"{qanat} vpn up {name}",
            // Without keepalives nothing is said before there is somebody to hear of it.
            $"umask 077 && {qanat} vpn invite {name} laptop | sed /PersistentKeepalive/d >{file}");
        try
        {
            hosts.A.Do($"{qanat} up --post-quantum {file}");
            using var listening = hosts.A.Start($"exec qanat events {client}");
            Wait.Until(() => listening.Output.Contains("listening", StringComparison.Ordinal), what: "the first event");
            Assert.True(hosts.A.Reaches("10.8.0.1"));
            Wait.Until(() => listening.Output.Contains("\"event\":\"post-quantum\"", StringComparison.Ordinal), what: "the event");
            Wait.Until(() => hosts.B.Do($"{qanat} vpn list {name}").Contains("s pq ", StringComparison.Ordinal), what: "the hub to see it");
            Assert.Contains("post-quantum key", hosts.B.Do($"{qanat} vpn show {name}"), StringComparison.Ordinal);
            using var shown = JsonDocument.Parse(hosts.B.Do($"{qanat} vpn show --json {name}"));
            Assert.True(shown.RootElement.GetProperty("postQuantum").GetBoolean());
        }
        finally
        {
            hosts.A.Run($"{qanat} down {file}");
            hosts.B.Run($"{qanat} vpn down {name}");
        }
    }

    // Both ends see it.
    private static void WaitUntilProtected(WireGuardPair pair) =>
        Wait.Until(() => IsProtected(pair.A) && IsProtected(pair.B), what: "a post-quantum session");

    private static bool IsProtected(WireGuardEnd end) => PeerOf(end).GetProperty("postQuantum").GetBoolean();

    private static JsonElement PeerOf(WireGuardEnd end) => JsonDocument
        .Parse(end.Host.Do($"printf 'qanat_report=1\\n\\n' | socat -t 5 - UNIX-CONNECT:{end.Socket}"))
        .RootElement.GetProperty("peers").EnumerateArray().Single();
}
