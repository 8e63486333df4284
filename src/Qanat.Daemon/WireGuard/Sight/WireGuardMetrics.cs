using Qanat.Daemon.Api;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>The WireGuard interfaces of a network namespace as Prometheus' metrics, read from their sockets.</summary>
/// <param name="sockets">Where they are.</param>
/// <param name="networkNamespace">The namespace's inode.</param>
public sealed class WireGuardMetrics(InterfaceSockets sockets, ulong networkNamespace)
{
    // Less than a scrape may take, though an interface hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly (string Name, string Type, string Help, Func<InterfaceReport, double?> Value)[] s_ofInterfaces =
    [
        ("qanat_wireguard_interface_up", "gauge", "1 when packets pass.", report => report.Up is { } up ? up ? 1 : 0 : null),
        ("qanat_wireguard_interface_mtu_bytes", "gauge", "MTU of the interface.", report => report.Mtu),
        ("qanat_wireguard_interface_peers", "gauge", "Peers of the interface.", report => report.Peers.Count),
    ];

    private static readonly (string Name, string Type, string Help, Func<PeerReport, double?> Value)[] s_ofPeers =
    [
        ("qanat_wireguard_peer_received_bytes_total", "counter", "Bytes of authentic messages from the peer, as wg show has them.",
            peer => peer.RxBytes),
        ("qanat_wireguard_peer_sent_bytes_total", "counter", "Bytes of messages to the peer, as wg show has them.", peer => peer.TxBytes),
        ("qanat_wireguard_peer_received_packets_total", "counter", "Inner packets from the peer.", peer => peer.RxPackets),
        ("qanat_wireguard_peer_sent_packets_total", "counter", "Inner packets to the peer.", peer => peer.TxPackets),
        ("qanat_wireguard_peer_last_handshake_timestamp_seconds", "gauge",
            "When the last handshake was completed, in seconds since 1970; none before the first.",
            peer => (peer.LastHandshake - DateTimeOffset.UnixEpoch)?.TotalSeconds),
        ("qanat_wireguard_peer_session_age_seconds", "gauge", "Age of the session with the peer; none when there is none.",
            peer => peer.SessionAgeSeconds),
        ("qanat_wireguard_peer_rtt_seconds", "gauge", "Time of a message to the peer and back; none when it is not known.",
            peer => peer.RttSeconds),
        ("qanat_wireguard_peer_post_quantum", "gauge", "1 when the session with the peer is under a post-quantum preshared key.",
            peer => peer.PostQuantum is { } known ? known ? 1 : 0 : null),
    ];

    /// <summary>Asks them, and writes what they say. It takes two seconds at most, and those that hang are left out.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<string> WriteAsync(CancellationToken cancellation)
    {
        var answers = await sockets.AskAsync(sockets.Names, s_patience, cancellation).ConfigureAwait(false);
        return Write([.. answers.Where(answer => answer.Namespace == networkNamespace)]);
    }

    /// <summary>Writes what interfaces said.</summary>
    internal static string Write(IReadOnlyList<InterfaceAnswer> answers)
    {
        var text = new PrometheusText();
        if (answers.Count == 0)
            return "";
        text.Describe("qanat_wireguard_scrape_success", "gauge", "1 when the interface has answered.");
        foreach (var answer in answers)
            text.Sample("qanat_wireguard_scrape_success", answer.Report is null ? 0 : 1, ("interface", answer.Interface));
        List<InterfaceReport> reports = [.. answers.Select(answer => answer.Report).OfType<InterfaceReport>()];
        text.Describe("qanat_wireguard_interface_info", "gauge", "1, labelled with who the interface is.");
        foreach (var report in reports)
            text.Sample("qanat_wireguard_interface_info", 1, ("interface", report.Interface), ("public_key", report.PublicKey ?? ""));
        foreach (var (name, type, help, value) in s_ofInterfaces)
        {
            text.Describe(name, type, help);
            foreach (var report in reports)
                if (value(report) is { } known)
                    text.Sample(name, known, ("interface", report.Interface));
        }
        const string drops = "qanat_wireguard_interface_dropped_packets_total", peerDrops = "qanat_wireguard_peer_dropped_packets_total";
        text.Describe(drops, "counter", "Packets that went no further and are of no peer, by reason.");
        foreach (var report in reports)
            foreach (var (_, reason) in InterfaceReporter.DropReasons)
                text.Sample(drops, report.Drops.GetValueOrDefault(reason), ("interface", report.Interface), ("reason", reason));
        foreach (var (name, type, help, value) in s_ofPeers)
        {
            text.Describe(name, type, help);
            foreach (var report in reports)
                foreach (var peer in report.Peers)
                    if (value(peer) is { } known)
                        text.Sample(name, known, Labels(report, peer));
        }
        text.Describe(peerDrops, "counter", "Packets from or to the peer that went no further, by reason; those reasons that occurred.");
        foreach (var report in reports)
            foreach (var peer in report.Peers)
                foreach (var (reason, count) in peer.Drops)
                    text.Sample(peerDrops, count, [.. Labels(report, peer), ("reason", reason)]);
        return text.ToString();
    }

    private static (string Name, string Value)[] Labels(InterfaceReport report, PeerReport peer) => peer.Name is { } name
        ? [("interface", report.Interface), ("peer", peer.PublicKey), ("name", name)]
        : [("interface", report.Interface), ("peer", peer.PublicKey)];
}
