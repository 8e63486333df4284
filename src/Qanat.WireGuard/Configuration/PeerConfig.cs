using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>A peer as it is wanted.</summary>
/// <param name="PublicKey">Who it is.</param>
public sealed record PeerConfig(PublicKey PublicKey)
{
    /// <summary>32 bytes that both ends share beside their keys; null for none.</summary>
    public SecretKey? PresharedKey { get; init; }

    /// <summary>Where it is; null until it has said so itself.</summary>
    public PeerEndpoint? Endpoint { get; init; }

    /// <summary>Its addresses, in the order in which it got them; no other peer has one of the same.</summary>
    public IReadOnlyList<AllowedIp> AllowedIps { get; init; } = [];

    /// <summary>Seconds after which an empty packet keeps the way to it open; 0 for never.</summary>
    public ushort PersistentKeepalive { get; init; }
}
