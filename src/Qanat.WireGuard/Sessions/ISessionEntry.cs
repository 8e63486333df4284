namespace Qanat.WireGuard;

/// <summary>What the number in an arriving message stands for: a peer whose handshake is under way, or a session.</summary>
internal interface ISessionEntry
{
    /// <summary>The peer that it is of.</summary>
    Peer Peer { get; }
}
