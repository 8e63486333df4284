using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// What has to be known to put a tunnel's headers on and to take them off elsewhere than here: by a program in the kernel. There is
/// one for tunnels whose headers depend on nothing but the packet that they go around.
/// </summary>
public sealed record OffloadPlan
{
    /// <summary>The headers in front of an inner packet of IPv4, from the outer IPv4 header on; empty where none is carried.</summary>
    /// <remarks>What differs from packet to packet is 0: lengths, id, checksum, the UDP source port, and what is inherited.</remarks>
    public HeaderImage HeadersOfIPv4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    public HeaderImage HeadersOfIPv6 { get; init; }

    /// <summary>Index of the device that outer packets leave by, and arrive by.</summary>
    public int Underlay { get; init; }

    /// <summary>The tunnel carries Ethernet frames.</summary>
    public bool CarriesFrames { get; init; }

    /// <summary>Bytes of the largest packet or frame.</summary>
    public int MaxLength { get; init; }

    /// <summary>The outer TOS, but for ECN, is the inner packet's; otherwise it is in the headers.</summary>
    public bool InheritsTos { get; init; }

    /// <summary>The outer TTL is the inner packet's; otherwise it is in the headers.</summary>
    public bool InheritsTtl { get; init; }

    /// <summary>DF is the inner packet's; otherwise it is in the headers.</summary>
    public bool InheritsDf { get; init; }

    /// <summary>The headers have UDP's.</summary>
    public bool IsOverUdp { get; init; }

    /// <summary>The lowest UDP source port, and the highest: one is taken by the inner flow.</summary>
    public (ushort Min, ushort Max) SourcePorts { get; init; }

    /// <summary>What packets that arrive must have.</summary>
    public OffloadMatch Arrives { get; init; }

    /// <summary>Ethernet addresses are learnt from what arrives.</summary>
    public bool Learns { get; init; }
}

/// <summary>How the packets of a tunnel are told from others when they arrive.</summary>
/// <param name="Source">The outer source.</param>
/// <param name="Destination">The outer destination.</param>
/// <param name="Kind">What follows the outer IP header, and the headers of foo over UDP if it is in that.</param>
/// <param name="Identifier">The GRE key, or VXLAN's network; 0 for none.</param>
/// <param name="Port">VXLAN's UDP port; 0 for the others.</param>
public readonly record struct OffloadMatch(
    IPv4Address Source, IPv4Address Destination, OffloadKind Kind, uint Identifier = 0, ushort Port = 0);

/// <summary>What packets with the same fields have in front.</summary>
public enum OffloadKind : byte
{
    /// <summary>An IPv4 packet at once (ipip).</summary>
    Ipip,

    /// <summary>An IPv6 packet at once (sit).</summary>
    Sit,

    /// <summary>GRE without a key.</summary>
    Gre,

    /// <summary>GRE with a key.</summary>
    GreKey,

    /// <summary>Ethernet in GRE without a key.</summary>
    Gretap,

    /// <summary>Ethernet in GRE with a key.</summary>
    GretapKey,

    /// <summary>VXLAN.</summary>
    Vxlan,
}

/// <summary>Bytes of headers, which are equal when they say the same.</summary>
/// <param name="Bytes">The bytes.</param>
public readonly record struct HeaderImage(ReadOnlyMemory<byte> Bytes)
{
    /// <inheritdoc/>
    public bool Equals(HeaderImage other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }
}
