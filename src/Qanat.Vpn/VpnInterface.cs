using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>A network as the hub's interface has it at a moment.</summary>
/// <param name="Config">The interface: expired peers are not in it, former keys are. Its keys are the network's.</param>
/// <param name="ChangesAt">When time alone makes it another; null for never.</param>
public sealed record VpnInterface(WireGuardConfig Config, DateTimeOffset? ChangesAt)
{
    /// <summary>The interface of a network.</summary>
    /// <remarks>
    /// While a peer's former key is good, both its keys are there, but an address has one owner: the former key, until the
    /// peer has come with the new one. A hub that hears a handshake completed by either passes what it heard last, so that
    /// the addresses follow.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="now">The time.</param>
    /// <param name="arrived">Of keys that have a former one beside them, those with which the peer came last; null for none.</param>
    public static VpnInterface Of(VpnNetwork network, DateTimeOffset now, IReadOnlySet<PublicKey>? arrived = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        List<PeerConfig> peers = [];
        DateTimeOffset? changes = null;
        foreach (var peer in network.Peers.Select(peer => peer.At(now)).Where(peer => !peer.HasExpired))
        {
            AllowedIp[] addresses = [.. peer.AllowedIps], none = [];
            var isFormers = peer.Former is not null && arrived?.Contains(peer.PublicKey) != true;
            peers.Add(new(peer.PublicKey) { PresharedKey = peer.PresharedKey, AllowedIps = isFormers ? none : addresses });
            if (peer.Former is { } former)
                peers.Add(new(former.PublicKey) { PresharedKey = former.PresharedKey, AllowedIps = isFormers ? addresses : none });
            changes = Earlier(Earlier(changes, peer.Expires), peer.Former?.Until);
        }
        return new(new() { PrivateKey = network.PrivateKey, ListenPort = network.ListenPort, Peers = peers }, changes);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one <= other ? one : other;
}
