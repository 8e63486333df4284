using Qanat.Crypto;

namespace Qanat.WireGuard.Configuration;

/// <summary>An interface as it is.</summary>
public sealed record InterfaceStatus : IDisposable
{
    /// <summary>Its private key, or null.</summary>
    public SecretKey? PrivateKey { get; init; }

    /// <summary>The UDP port that it listens on, in host byte order; 0 while it does not.</summary>
    public ushort ListenPort { get; init; }

    /// <summary>The mark of its own packets; 0 for none.</summary>
    public uint FirewallMark { get; init; }

    /// <summary>Its peers.</summary>
    public IReadOnlyList<PeerStatus> Peers { get; init; } = [];

    /// <summary>Wipes the keys in it.</summary>
    public void Dispose()
    {
        PrivateKey?.Dispose();
        foreach (var peer in Peers)
            peer.Config.PresharedKey?.Dispose();
    }
}
