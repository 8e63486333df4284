using Qanat.Crypto;
using Qanat.WireGuard.Configuration;

namespace Qanat.WireGuard;

// The device as its configuration has it (drivers/net/wireguard/netlink.c: wg_set_device, wg_get_device).
public sealed partial class WireGuardDevice
{
    /// <summary>The UDP port to be reached at, in host byte order; 0 for one that is free. Whoever owns the socket heeds it.</summary>
    public ushort ListenPort { get; private set; }

    /// <summary>The mark of its datagrams (SO_MARK); 0 for none. Whoever owns the socket heeds it.</summary>
    public uint FirewallMark { get; private set; }

    /// <summary>Changes what is said, in order, and leaves the rest as it is; sessions stay where they can.</summary>
    /// <param name="change">The change; its keys are copied.</param>
    /// <param name="resolve">Says where an endpoint is; null leaves the peer where it was.</param>
    /// <exception cref="ArgumentException">A key has not 32 bytes.</exception>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void Apply(WireGuardChange change, Func<PeerEndpoint, Endpoint?> resolve)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(resolve);
        if (change.ListenPort is not null || change.FirewallMark is not null)
        {
            (ListenPort, FirewallMark) = (change.ListenPort ?? ListenPort, change.FirewallMark ?? FirewallMark);
            ForgetLocalAddresses();
        }
        if (change.ReplacePeers)
            RemoveAll();
        if (change.PrivateKey is { } key)
            SetPrivateKey(WireGuardKeys.NoneIfZero(key) is null ? default : key.Bytes);
        foreach (var peer in change.Peers)
            Apply(peer, resolve);
    }

    /// <summary>What it is set to, and how it fares. The keys in it are copies, to be disposed of.</summary>
    /// <param name="describe">Says an endpoint in words; without it an interface that is part of one is left out.</param>
    public InterfaceStatus GetStatus(Func<Endpoint, PeerEndpoint>? describe = null) => new()
    {
        PrivateKey = _privateKey is null ? null : new(_privateKey.Bytes),
        ListenPort = ListenPort,
        FirewallMark = FirewallMark,
        Peers = [.. _peers.Values.Select(peer => StatusOf(peer, describe ?? Describe))],
    };

    private void Apply(PeerChange change, Func<PeerEndpoint, Endpoint?> resolve)
    {
        var peer = change.Remove || change.UpdateOnly ? Find(change.PublicKey) : Add(change.PublicKey);
        if (peer is null)
            return;
        if (change.Remove)
        {
            Remove(peer);
            return;
        }
        if (change.PresharedKey is { } key)
            peer.SetPresharedKey(key.Bytes);
        if (change.ReplaceAllowedIps)
            DisallowAll(peer);
        foreach (var (prefix, remove) in change.AllowedIps)
            if (remove)
                Disallow(peer, prefix);
            else
                Allow(peer, prefix);
        if (change.Endpoint is { } said && resolve(said) is { } endpoint)
            SetEndpoint(peer, endpoint);
        if (change.PersistentKeepalive is { } seconds)
            SetPersistentKeepalive(peer, TimeSpan.FromSeconds(seconds));
    }

    private static PeerEndpoint Describe(Endpoint endpoint) => PeerEndpoint.From(endpoint.Address, endpoint.Port);

    private PeerStatus StatusOf(Peer peer, Func<Endpoint, PeerEndpoint> describe) => new(new(peer.PublicKey)
    {
        PresharedKey = peer.HasPresharedKey ? new(peer.Handshake.PresharedKey) : null,
        Endpoint = peer.Endpoint.IsKnown ? describe(peer.Endpoint) : null,
        AllowedIps = [.. _allowedIps.Of(peer)],
        PersistentKeepalive = (ushort)peer.PersistentKeepalive.TotalSeconds,
    })
    {
        LastHandshake = peer.LastHandshake,
        TxBytes = (ulong)peer.Counters.TxBytes,
        RxBytes = (ulong)peer.Counters.RxBytes,
    };
}
