namespace Qanat.WireGuard;

/// <summary>
/// Hears what happens to the peers of a device. It is called by the device's worker in the middle of its work, and must neither block
/// nor change the device.
/// </summary>
public interface IWireGuardObserver
{
    /// <summary>A peer was added: it is nowhere yet, and has no addresses.</summary>
    void PeerAdded(Peer peer)
    {
    }

    /// <summary>A peer was removed.</summary>
    void PeerRemoved(Peer peer)
    {
    }

    /// <summary>A handshake is complete: there is a session with new keys.</summary>
    void HandshakeCompleted(Peer peer)
    {
    }

    /// <summary>A peer has sent from another place than before, and is now sent to there.</summary>
    /// <param name="peer">The peer, which has its new endpoint already.</param>
    /// <param name="before">Where it was; unknown at first.</param>
    void EndpointChanged(Peer peer, in Endpoint before)
    {
    }

    /// <summary>A peer has not answered for so long that no more handshakes are tried until there is something to send again.</summary>
    void HandshakeGivenUp(Peer peer)
    {
    }

    /// <summary>A peer was not heard of for so long that its keys are wiped.</summary>
    void KeysWiped(Peer peer)
    {
    }

    /// <summary>
    /// There is a session under a post-quantum preshared key, and the one before was not, or the reverse:
    /// <see cref="Peer.IsPostQuantum"/>.
    /// </summary>
    void PostQuantumChanged(Peer peer)
    {
    }

    /// <summary>How large a packet may be that arrives at a peer is known, or not any more: <see cref="Peer.PathMtu"/>.</summary>
    void PathMtuChanged(Peer peer)
    {
    }
}
