using Qanat.Crypto;
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
    /// While a peer's former keys are good, all its keys are there, but an address has one owner: the oldest key, until the
    /// peer has come with another. A hub that hears a handshake completed by any of them passes what it heard last, so that
    /// the addresses follow.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="now">The time.</param>
    /// <param name="arrived">Of peers with several keys, those with which they came last; null for none.</param>
    public static VpnInterface Of(VpnNetwork network, DateTimeOffset now, IReadOnlySet<PublicKey>? arrived = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        List<PeerConfig> peers = [];
        DateTimeOffset? changes = null;
        foreach (var peer in network.Peers.Select(peer => peer.At(now)).Where(peer => !peer.HasExpired))
        {
            AllowedIp[] addresses = [.. peer.AllowedIps], none = [];
            (PublicKey Public, SecretKey? Preshared)[] keys =
                [(peer.PublicKey, peer.PresharedKey), .. peer.FormerKeys.Select(former => (former.PublicKey, former.PresharedKey))];
            var owner = keys.FirstOrDefault(key => arrived?.Contains(key.Public) == true, keys[^1]).Public;
            peers.AddRange(keys.Select(key => new PeerConfig(key.Public)
            {
                PresharedKey = key.Preshared,
                AllowedIps = key.Public == owner ? addresses : none,
            }));
            changes = peer.FormerKeys.Aggregate(Earlier(changes, peer.Expires), (earliest, former) => Earlier(earliest, former.Until));
        }
        return new(new() { PrivateKey = network.PrivateKey, ListenPort = network.ListenPort, Peers = peers }, changes);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one <= other ? one : other;
}
