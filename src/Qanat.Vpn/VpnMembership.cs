using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>What became of a network when a peer got a key.</summary>
/// <param name="Network">The network.</param>
/// <param name="Peer">The peer, as it is in it.</param>
/// <param name="PrivateKey">The peer's own key, which nobody keeps but the peer; null when it made the key itself.</param>
public sealed record VpnAdmission(VpnNetwork Network, VpnPeer Peer, SecretKey? PrivateKey) : IDisposable
{
    /// <summary>Wipes the peer's own key; the network's are the network's.</summary>
    public void Dispose() => PrivateKey?.Dispose();
}

/// <summary>Who belongs to a network: pure changes of it.</summary>
public static class VpnMembership
{
    // A script that rotates without end is not to fill the interface.
    private const int MaxFormerKeys = 8;

    /// <summary>Adds a peer, with the lowest free address of each subnet.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">The peer's name.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">When it may connect no more; null for never.</param>
    /// <param name="split">What it sends through the tunnel; null for what the network's access says.</param>
    /// <param name="publicKey">Its key, when it made one itself; null for a new pair.</param>
    /// <exception cref="VpnException">The name or the key is taken, or no address is left.</exception>
    /// <exception cref="CryptoException">There is no randomness, or no libcrypto.</exception>
    public static VpnAdmission Invite(
        this VpnNetwork network, string name, DateTimeOffset now, DateTimeOffset? expires = null,
        IReadOnlyList<AllowedIp>? split = null, PublicKey? publicKey = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        VpnText.PeerName(name);
        if (network.Find(name) is { } known)
            throw new VpnException(known.HasExpired
                ? $"the peer {name} of {network.Name} has expired; remove it first: qanat vpn revoke {network.Name} {name}"
                : $"{network.Name} has a peer {name} already; for a new key: qanat vpn rotate {network.Name} {name}");
        var (own, key) = NewKey(network, publicKey);
        var peer = new VpnPeer
        {
            Name = name,
            PublicKey = key,
            PresharedKey = WireGuardKeys.GeneratePreshared(),
            Addresses = FreeAddresses(network),
            Split = split,
            Created = now,
            Expires = expires,
        };
        return new(network with { Peers = [.. network.Peers, peer] }, peer, own);
    }

    /// <summary>Removes a peer; its addresses are free from then on.</summary>
    /// <exception cref="VpnException">There is no such peer.</exception>
    public static VpnNetwork Revoke(this VpnNetwork network, string name)
    {
        var peer = Get(network, name);
        return network with { Peers = [.. network.Peers.Where(other => other != peer)] };
    }

    /// <summary>Gives a peer a new key. It keeps its name, its addresses and its time.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">The peer's name.</param>
    /// <param name="now">The time.</param>
    /// <param name="grace">
    /// How long the key that it had is good yet, and no longer than the peer itself; those from before that one neither, and no
    /// longer than they were to be.
    /// </param>
    /// <param name="publicKey">Its new key, when it made one itself; null for a new pair.</param>
    /// <exception cref="VpnException">There is no such peer, it has expired or too many keys, or the key is taken.</exception>
    /// <exception cref="CryptoException">There is no randomness, or no libcrypto.</exception>
    public static VpnAdmission Rotate(
        this VpnNetwork network, string name, DateTimeOffset now, TimeSpan grace, PublicKey? publicKey = null)
    {
        var peer = Get(network, name);
        if (peer.HasExpired)
            throw new VpnException(
                $"the peer {name} of {network.Name} has expired; remove it, and invite it again: qanat vpn revoke {network.Name} {name}");
        var today = peer.At(now);
        if (grace > TimeSpan.Zero && today.FormerKeys.Count() == MaxFormerKeys)
            throw new VpnException(
                $"the peer {name} of {network.Name} has {MaxFormerKeys} former keys that are good yet; end them all: --grace 0s");
        var (own, key) = NewKey(network, publicKey);
        var until = peer.Expires < now + grace ? peer.Expires.Value : now + grace;
        var rotated = peer with
        {
            PublicKey = key,
            PresharedKey = WireGuardKeys.GeneratePreshared(),
            Former = grace > TimeSpan.Zero
                ? new(peer.PublicKey, peer.PresharedKey, until) { Before = today.Former?.Within(until) }
                : null,
        };
        return new(network with { Peers = [.. network.Peers.Select(other => other == peer ? rotated : other)] }, rotated, own);
    }

    private static VpnPeer Get(VpnNetwork network, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Find(VpnText.PeerName(name)) ??
            throw new VpnException($"{network.Name} has no peer {name}; see who there is: qanat vpn list {network.Name}");
    }

    private static (SecretKey? Own, PublicKey Key) NewKey(VpnNetwork network, PublicKey? given)
    {
        if (given is { } made)
            return made != network.PublicKey &&
                network.Peers.All(peer => peer.PublicKey != made && peer.FormerKeys.All(former => former.PublicKey != made))
                ? (null, made)
                : throw new VpnException($"the key {made} is in use in {network.Name} already; the peer needs one of its own (wg genkey)");
        var own = WireGuardKeys.GeneratePrivate();
        return (own, WireGuardKeys.PublicOf(own));
    }

    private static IpAddress[] FreeAddresses(VpnNetwork network)
    {
        var taken = network.Peers.SelectMany(peer => peer.Addresses).ToHashSet();
        return [.. network.Subnets.Select(subnet => AddressPool.LowestFree(subnet, taken) ?? throw new VpnException(
            $"all addresses of {subnet} are taken; remove a peer: qanat vpn revoke {network.Name} PEER"))];
    }
}
