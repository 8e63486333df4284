using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>WireGuard's interfaces as metrics.</summary>
public class WireGuardMetricsTests
{
    private static readonly PeerReport s_ann = new()
    {
        PublicKey = "ann=", Name = "ann's \"phone\"", RxBytes = 1, TxBytes = 2, RxPackets = 3, TxPackets = 4, RttSeconds = 0.25,
        PostQuantum = true, LastHandshake = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), SessionAgeSeconds = 5,
        Drops = new Dictionary<string, long> { ["replayed"] = 6 },
    };

    private static readonly InterfaceReport s_report = new()
    {
        Interface = "wg0", PublicKey = "self=", Up = true, Mtu = 1420, Peers = [s_ann, new() { PublicKey = "bob=" }],
        Drops = new Dictionary<string, long> { ["no-peer"] = 7 },
    };

    private static readonly string[] s_lines = WireGuardMetrics.Write(
        [new("wg0", s_report, Silence.None, 1), new("wg1", null, Silence.NoAnswer, 1)]).Split('\n');

    [Theory]
    [InlineData("qanat_wireguard_scrape_success{interface=\"wg0\"} 1")]
    [InlineData("qanat_wireguard_scrape_success{interface=\"wg1\"} 0")]
    [InlineData("qanat_wireguard_interface_info{interface=\"wg0\",public_key=\"self=\"} 1")]
    [InlineData("qanat_wireguard_interface_up{interface=\"wg0\"} 1")]
    [InlineData("qanat_wireguard_interface_mtu_bytes{interface=\"wg0\"} 1420")]
    [InlineData("qanat_wireguard_interface_peers{interface=\"wg0\"} 2")]
    [InlineData("qanat_wireguard_interface_dropped_packets_total{interface=\"wg0\",reason=\"no-peer\"} 7")]
    [InlineData("qanat_wireguard_interface_dropped_packets_total{interface=\"wg0\",reason=\"malformed\"} 0")]
    [InlineData("qanat_wireguard_peer_received_bytes_total{PEER} 1")]
    [InlineData("qanat_wireguard_peer_sent_bytes_total{PEER} 2")]
    [InlineData("qanat_wireguard_peer_received_packets_total{PEER} 3")]
    [InlineData("qanat_wireguard_peer_sent_packets_total{PEER} 4")]
    [InlineData("qanat_wireguard_peer_last_handshake_timestamp_seconds{PEER} 1700000000")]
    [InlineData("qanat_wireguard_peer_session_age_seconds{PEER} 5")]
    [InlineData("qanat_wireguard_peer_rtt_seconds{PEER} 0.25")]
    [InlineData("qanat_wireguard_peer_post_quantum{PEER} 1")]
    [InlineData("qanat_wireguard_peer_dropped_packets_total{PEER,reason=\"replayed\"} 6")]
    [InlineData("qanat_wireguard_peer_received_bytes_total{interface=\"wg0\",peer=\"bob=\"} 0")]
    public void Everything_is_there_with_its_labels(string line) => Assert.Single(s_lines,
        line.Replace("PEER", "interface=\"wg0\",peer=\"ann=\",name=\"ann's \\\"phone\\\"\"", StringComparison.Ordinal));

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        foreach (var unknown in (string[])["rtt", "_packets_total"])
            Assert.DoesNotContain(s_lines,
                line => line.Contains("bob=", StringComparison.Ordinal) && line.Contains(unknown, StringComparison.Ordinal));
        Assert.Equal("", WireGuardMetrics.Write([]));
    }
}
