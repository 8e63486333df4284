namespace Qanat.WireGuard.Configuration;

/// <summary>A peer as it is.</summary>
/// <param name="Config">What it was told to be; the endpoint is where it was last heard of.</param>
public sealed record PeerStatus(PeerConfig Config)
{
    /// <summary>When the last handshake was completed; null when there has been none.</summary>
    public DateTimeOffset? LastHandshake { get; init; }

    /// <summary>Bytes sent to it, those of WireGuard's headers and padding included.</summary>
    public ulong TxBytes { get; init; }

    /// <summary>Bytes received from it, counted likewise.</summary>
    public ulong RxBytes { get; init; }
}
