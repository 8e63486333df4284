using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>An interface as it is wanted. Its keys belong to whoever made it: configurations that share a key share its end.</summary>
public sealed record WireGuardConfig
{
    /// <summary>32 bytes, clamped as RFC 7748, section 5 has it; null for an interface that cannot speak yet.</summary>
    public SecretKey? PrivateKey { get; init; }

    /// <summary>The UDP port to listen on, in host byte order; 0 for one that is free.</summary>
    public ushort ListenPort { get; init; }

    /// <summary>The mark of its own packets (SO_MARK), which routing rules tell them by; 0 for none.</summary>
    public uint FirewallMark { get; init; }

    /// <summary>The peers, each once, in the order in which they came.</summary>
    public IReadOnlyList<PeerConfig> Peers { get; init; } = [];

    /// <summary>What becomes of it by a change, as the kernel and wireguard-go apply one: in order, the last word counting.</summary>
    /// <param name="change">The change; keys are taken over, not copied.</param>
    public WireGuardConfig With(WireGuardChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var table = new PeerTable();
        if (!change.ReplacePeers)
            foreach (var peer in Peers)
                table.Add(peer);
        var privateKey = change.PrivateKey is null ? PrivateKey : WireGuardKeys.NoneIfZero(change.PrivateKey);
        var own = privateKey is null ? default : WireGuardKeys.PublicOf(privateKey);
        table.Apply(new(own) { Remove = true }); // Nobody is a peer of their own.
        foreach (var peer in change.Peers)
            if (peer.PublicKey != own)
                table.Apply(peer);
        return new()
        {
            PrivateKey = privateKey,
            ListenPort = change.ListenPort ?? ListenPort,
            FirewallMark = change.FirewallMark ?? FirewallMark,
            Peers = table.ToList(),
        };
    }
}
