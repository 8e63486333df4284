using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// A change of an interface, as the configuration protocol's <c>set</c> expresses it (wireguard.com/xplatform): what is
/// null stays as it is.
/// </summary>
public sealed record WireGuardChange : IDisposable
{
    /// <summary>The private key; all zeros for none.</summary>
    public SecretKey? PrivateKey { get; init; }

    /// <summary>The UDP port, in host byte order; 0 for one that is free.</summary>
    public ushort? ListenPort { get; init; }

    /// <summary>The mark of its own packets; 0 for none.</summary>
    public uint? FirewallMark { get; init; }

    /// <summary>True when there shall be no peers but those below.</summary>
    public bool ReplacePeers { get; init; }

    /// <summary>The changes of peers, in order.</summary>
    public IReadOnlyList<PeerChange> Peers { get; init; } = [];

    /// <summary>
    /// The change that leaves nothing of what was before: what this one does not say, there shall not be (<c>wg setconf</c>
    /// beside <c>wg addconf</c>).
    /// </summary>
    public WireGuardChange Whole() => this with
    {
        PrivateKey = PrivateKey ?? WireGuardKeys.Zero(),
        ListenPort = ListenPort ?? 0,
        FirewallMark = FirewallMark ?? 0,
        ReplacePeers = true,
    };

    /// <summary>Wipes the keys in it.</summary>
    public void Dispose()
    {
        PrivateKey?.Dispose();
        foreach (var peer in Peers)
            peer.PresharedKey?.Dispose();
    }

    /// <summary>
    /// The least that makes one configuration of the other, so that peers which stay keep their sessions. An endpoint that
    /// is no longer said stays: peers move, and cannot be told to be nowhere.
    /// </summary>
    /// <param name="before">What is.</param>
    /// <param name="after">What shall be.</param>
    public static WireGuardChange Between(WireGuardConfig before, WireGuardConfig after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var old = before.Peers.ToDictionary(peer => peer.PublicKey);
        var staying = after.Peers.Select(peer => peer.PublicKey).ToHashSet();
        List<PeerChange> changes = [];
        foreach (var peer in before.Peers)
            if (!staying.Contains(peer.PublicKey))
                changes.Add(new(peer.PublicKey) { Remove = true });
        foreach (var peer in after.Peers)
            if (!old.TryGetValue(peer.PublicKey, out var known))
                changes.Add(Between(new(peer.PublicKey), peer)); // Said even when it has nothing but its key.
            else if (Between(known, peer) is { SaysNothing: false } change)
                changes.Add(change);
        return new()
        {
            PrivateKey = Between(before.PrivateKey, after.PrivateKey),
            ListenPort = after.ListenPort == before.ListenPort ? null : after.ListenPort,
            FirewallMark = after.FirewallMark == before.FirewallMark ? null : after.FirewallMark,
            Peers = changes,
        };
    }

    private static PeerChange Between(PeerConfig before, PeerConfig after)
    {
        var (had, has) = (before.AllowedIps.ToHashSet(), after.AllowedIps.ToHashSet());
        return new(after.PublicKey)
        {
            PresharedKey = Between(before.PresharedKey, after.PresharedKey),
            Endpoint = after.Endpoint == before.Endpoint ? null : after.Endpoint,
            PersistentKeepalive = after.PersistentKeepalive == before.PersistentKeepalive ? null : after.PersistentKeepalive,
            AllowedIps =
            [
                .. before.AllowedIps.Where(prefix => !has.Contains(prefix)).Select(prefix => new AllowedIpChange(prefix, Remove: true)),
                .. after.AllowedIps.Where(prefix => !had.Contains(prefix)).Select(prefix => new AllowedIpChange(prefix)),
            ],
        };
    }

    private static SecretKey? Between(SecretKey? before, SecretKey? after) =>
        Equals(before, after) ? null : after ?? WireGuardKeys.Zero();
}
