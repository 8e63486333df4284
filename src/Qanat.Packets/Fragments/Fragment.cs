namespace Qanat.Packets;

/// <summary>What the fragments of one datagram have in common (RFC 791, 3.2; RFC 8200, 4.5, where the protocol does not count).</summary>
internal readonly record struct FragmentKey(UInt128 Source, UInt128 Destination, uint Identification, IpProtocol Protocol = default);

/// <summary>A part of a datagram, of either IP version.</summary>
internal readonly ref struct Fragment
{
    /// <summary>What the datagram begins with when this is its first part: IPv4 header, or the unfragmentable part of IPv6.</summary>
    public required ReadOnlySpan<byte> Header { get; init; }

    /// <summary>Its bytes of the datagram's payload.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Where they belong, in bytes: a multiple of 8.</summary>
    public required int Offset { get; init; }

    /// <summary>True unless it is the last.</summary>
    public required bool MoreFragments { get; init; }

    /// <summary>What routers said about congestion.</summary>
    public required Ecn Ecn { get; init; }

    /// <summary>IPv4's DF.</summary>
    public bool DontFragment { get; init; }
}
