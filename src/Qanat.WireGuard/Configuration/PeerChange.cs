using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>What is to become of a peer: what is null stays as it is.</summary>
/// <param name="PublicKey">Who it is.</param>
public sealed record PeerChange(PublicKey PublicKey)
{
    /// <summary>True when there shall be no such peer; the rest then says nothing.</summary>
    public bool Remove { get; init; }

    /// <summary>True when nothing is done unless there is such a peer.</summary>
    public bool UpdateOnly { get; init; }

    /// <summary>The preshared key; all zeros for none.</summary>
    public SecretKey? PresharedKey { get; init; }

    /// <summary>Where it is.</summary>
    public PeerEndpoint? Endpoint { get; init; }

    /// <summary>Seconds between packets that keep the way open; 0 for none.</summary>
    public ushort? PersistentKeepalive { get; init; }

    /// <summary>True when it loses every address before it gets those below.</summary>
    public bool ReplaceAllowedIps { get; init; }

    /// <summary>The addresses that it gets or loses, in order; those of other peers move to it.</summary>
    public IReadOnlyList<AllowedIpChange> AllowedIps { get; init; } = [];

    /// <summary>True when a peer that is there stays as it is.</summary>
    internal bool SaysNothing => AllowedIps.Count == 0 && this == new PeerChange(PublicKey) { AllowedIps = AllowedIps };
}
