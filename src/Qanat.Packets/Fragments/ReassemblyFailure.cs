namespace Qanat.Packets;

/// <summary>Why fragments did not become a datagram.</summary>
public enum ReassemblyFailure
{
    /// <summary>No packet of the IP version, or a fragment without payload.</summary>
    Malformed,

    /// <summary>The datagram would be longer than 65,535 bytes.</summary>
    Oversized,

    /// <summary>Two fragments do not agree where the datagram ends.</summary>
    InconsistentLength,

    /// <summary>A fragment covers a part of another (RFC 5722, which the kernel applies to IPv4 too; CVE-2018-5391).</summary>
    Overlap,

    /// <summary>The fragments came in such disorder that there are too many holes to keep book of.</summary>
    TooManyHoles,

    /// <summary>Some fragments are ECN-capable and some are not (RFC 3168, 5.3).</summary>
    EcnMismatch,

    /// <summary>
    /// Fragments were still missing after <see cref="IPv4Reassembler.Timeout"/> or <see cref="IPv6Reassembler.Timeout"/>.
    /// </summary>
    TimedOut,

    /// <summary>A newer datagram needed the room.</summary>
    Evicted,
}
