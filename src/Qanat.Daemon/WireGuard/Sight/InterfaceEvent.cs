namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Something that happened to an interface, or to one of its peers: a line of the answer to <c>qanat_events=1</c>.</summary>
public sealed record InterfaceEvent
{
    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The interface's name.</summary>
    public required string Interface { get; init; }

    /// <summary>What: one of the names below.</summary>
    public required string Event { get; init; }

    /// <summary>The peer's public key in base64; null when it is about the interface.</summary>
    public string? Peer { get; init; }

    /// <summary>What people call the peer; null when nobody has said.</summary>
    public string? Name { get; init; }

    /// <summary>Where the peer is; null when that is not known.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Where the peer was before; null when that is not known, or it has not moved.</summary>
    public string? Before { get; init; }

    /// <summary>How long a message takes to the peer and back, in seconds; null when that is not known.</summary>
    public double? RttSeconds { get; init; }

    /// <summary>The UDP port that is listened on; of <see cref="Up"/> alone.</summary>
    public ushort? ListenPort { get; init; }

    /// <summary>How many events there was no room for, because they were read too slowly; of <see cref="EventsLost"/> alone.</summary>
    public long? Lost { get; init; }

    /// <summary>The first event of all: what happens from here on is told.</summary>
    public const string Listening = "listening";

    /// <summary>Packets pass.</summary>
    public const string Up = "up";

    /// <summary>No packets pass any more, or the interface is gone.</summary>
    public const string Down = "down";

    /// <summary>A peer was added.</summary>
    public const string PeerAdded = "peer-added";

    /// <summary>A peer was removed.</summary>
    public const string PeerRemoved = "peer-removed";

    /// <summary>There is a session with new keys.</summary>
    public const string HandshakeCompleted = "handshake-completed";

    /// <summary>There is a session under a post-quantum preshared key.</summary>
    public const string PostQuantum = "post-quantum";

    /// <summary>There is a session under no such key, and the one before was.</summary>
    public const string PostQuantumLost = "post-quantum-lost";

    /// <summary>A peer has not answered, and is not asked any more until there is something to send.</summary>
    public const string HandshakeGivenUp = "handshake-given-up";

    /// <summary>A peer has sent from another place than before.</summary>
    public const string EndpointChanged = "endpoint-changed";

    /// <summary>A peer was not heard of for so long that its keys are wiped.</summary>
    public const string KeysWiped = "keys-wiped";

    /// <summary>Events are missing here.</summary>
    public const string EventsLost = "events-lost";
}
