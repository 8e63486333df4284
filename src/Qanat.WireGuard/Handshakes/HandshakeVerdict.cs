namespace Qanat.WireGuard;

/// <summary>What became of a message of a handshake.</summary>
public enum HandshakeVerdict
{
    /// <summary>It is genuine and new.</summary>
    Accepted,

    /// <summary>A tag does not match: a wrong key, a wrong preshared key, or somebody has changed it.</summary>
    Forged,

    /// <summary>The public key in it is of small order, and would make a secret that everyone knows.</summary>
    WeakKey,

    /// <summary>It is from nobody who is known.</summary>
    UnknownPeer,

    /// <summary>It is not newer than the newest that the peer has sent.</summary>
    Replayed,

    /// <summary>It answers nothing that was asked, or not any longer.</summary>
    Unexpected,
}
