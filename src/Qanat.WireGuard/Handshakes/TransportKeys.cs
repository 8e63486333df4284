using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// What a handshake comes to (whitepaper, 5.4.5): the keys of a session and its indices. Whoever gets it disposes of it, which
/// wipes the keys.
/// </summary>
public sealed class TransportKeys : IDisposable
{
    internal TransportKeys(
        SecretKey send, SecretKey receive, uint localIndex, uint remoteIndex, bool isInitiator,
        int presharedKey = PresharedKeys.Configured) =>
        (Send, Receive, LocalIndex, RemoteIndex, IsInitiator, PresharedKey) =
        (send, receive, localIndex, remoteIndex, isInitiator, presharedKey);

    /// <summary>The ChaCha20-Poly1305 key of what is sent, 32 bytes.</summary>
    public SecretKey Send { get; }

    /// <summary>The key of what arrives, 32 bytes.</summary>
    public SecretKey Receive { get; }

    /// <summary>The index that arriving messages carry.</summary>
    public uint LocalIndex { get; }

    /// <summary>The index that messages to the peer carry.</summary>
    public uint RemoteIndex { get; }

    /// <summary>
    /// True when this end began the handshake. The other end may send nothing with its keys before something has arrived that was
    /// sealed with them.
    /// </summary>
    public bool IsInitiator { get; }

    /// <summary>The number of the preshared key that the handshake went by.</summary>
    internal int PresharedKey { get; }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        Send.Dispose();
        Receive.Dispose();
    }
}
