using Qanat.Daemon.WireGuard.Sight;
using Qanat.Daemon.WireGuard.Up;
using Qanat.WireGuard;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>How a peer fares, as the hub's interface has it.</summary>
/// <param name="Endpoint">Where it was last heard of; null when it never was.</param>
/// <param name="LastHandshake">When; null when there was none.</param>
/// <param name="RxBytes">Bytes received from it.</param>
/// <param name="TxBytes">Bytes sent to it.</param>
/// <param name="PostQuantum">Whether the session with it is under a post-quantum preshared key.</param>
internal sealed record HubPeer(
    string? Endpoint, DateTimeOffset? LastHandshake, long RxBytes, long TxBytes, bool PostQuantum = false);

/// <summary>How a hub's interface is.</summary>
/// <param name="Peers">Its peers, by their public keys.</param>
internal sealed record HubStatus(IReadOnlyDictionary<PublicKey, HubPeer> Peers)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Asks a hub; null when there is none of that name that answers, in time and with sense. An interface of a file is none.
    /// </summary>
    public static HubStatus? Of(string name) =>
        InterfaceHost.Hubs().Contains(name) &&
        new InterfaceSockets().AskAsync([name], s_patience).GetAwaiter().GetResult() is [{ Report: { } report }]
            ? From(report)
            : null;

    private static HubStatus From(InterfaceReport report)
    {
        Dictionary<PublicKey, HubPeer> peers = [];
        foreach (var peer in report.Peers)
            if (PublicKey.TryParse(peer.PublicKey, out var key))
                peers[key] = new(peer.Endpoint, peer.LastHandshake, peer.RxBytes, peer.TxBytes, peer.PostQuantum is true);
        return new(peers);
    }
}
