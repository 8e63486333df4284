namespace Qanat.WireGuard;

/// <summary>Why a packet went no further.</summary>
public enum DropReason
{
    /// <summary>An inner packet that is no IP packet, or is cut short (rx_length_errors, tx_errors).</summary>
    InnerHeader,

    /// <summary>An inner packet for an address that no peer has (tx_errors; the kernel's -ENOKEY).</summary>
    NoPeer,

    /// <summary>An inner packet for a peer of which nobody knows where it is (the kernel's -EDESTADDRREQ).</summary>
    NoEndpoint,

    /// <summary>An inner packet that waited for a session while newer ones came, or for one that never came (tx_dropped).</summary>
    StagingFull,

    /// <summary>A datagram whose type or length is none of WireGuard's.</summary>
    Malformed,

    /// <summary>A message to a session that there is not, or no more.</summary>
    UnknownIndex,

    /// <summary>A data message under a key that is too old, or was used too often.</summary>
    KeyExpired,

    /// <summary>A data message whose tag is wrong.</summary>
    NotAuthentic,

    /// <summary>A data message that has arrived before, or is older than the window.</summary>
    Replayed,

    /// <summary>An inner packet from an address that belongs to another peer, or to none (rx_frame_errors).</summary>
    SpoofedSource,

    /// <summary>A handshake message whose MAC is wrong: its sender does not know our public key, or made it up.</summary>
    InvalidMac,

    /// <summary>A handshake message that was answered with a cookie, because there is too much to do.</summary>
    CookieSent,

    /// <summary>A handshake message of a source, or of a peer, that has sent too many; a peer's offer of a key likewise.</summary>
    RateLimited,

    /// <summary>A handshake message for which there was no room in the queue.</summary>
    HandshakeQueueFull,

    /// <summary>A handshake message of nobody that we know, or one that is old, or not for the handshake that is under way.</summary>
    InvalidHandshake,

    /// <summary>A control message that cannot be read, that nobody asked for, or of a type that nobody here takes.</summary>
    UnknownControl,

    /// <summary>An inner packet that is larger than what arrives at its peer; its sender was told (the kernel's -EMSGSIZE).</summary>
    PacketTooBig,
}
