using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// What the walk over a packet's IPv6 extension headers found (RFC 8200, 4): the protocol at their end, where it begins,
/// and the facts of a fragment header on the way.
/// </summary>
/// <remarks>
/// Hop-by-hop options, routing, destination options, fragment (8 bytes) and AH (RFC 4302) are walked over. Each but the
/// last two begins so, with a length in 8-byte units that does not count the first 8:
/// <code>
/// +---------------+---------------+-------------------------------+
/// |  Next Header  |  Hdr Ext Len  |              ...              |
/// +---------------+---------------+-------------------------------+
/// </code>
/// and the fragment header is:
/// <code>
/// +---------------+---------------+-------------------------+---+-+
/// |  Next Header  |   Reserved    |     Fragment Offset     |Res|M|
/// +---------------+---------------+-------------------------+---+-+
/// |                        Identification                         |
/// +---------------------------------------------------------------+
/// </code>
/// The walk ends behind the fragment header of a fragment that is not the first: what follows is not a header.
/// </remarks>
public readonly struct IPv6ExtensionChain
{
    /// <summary>The most extension headers that a packet may have: more than any real one.</summary>
    public const int MaxHeaders = 12;

    /// <summary>Bytes of a fragment header.</summary>
    public const int FragmentHeaderSize = 8;

    /// <summary>The protocol behind the last header; ESP and "no next header" are ends too.</summary>
    public IpProtocol Protocol { get; private init; }

    /// <summary>Where that protocol begins, in bytes from the start of the IPv6 header.</summary>
    public int Offset { get; private init; }

    /// <summary>Where the number of that protocol is: the Next Header field that announces it, from the start of the IPv6 header.</summary>
    public int NextHeaderOffset { get; private init; }

    /// <summary>Where the fragment header is, in bytes from the start of the IPv6 header; 0 when there is none.</summary>
    public int FragmentHeaderOffset { get; private init; }

    /// <summary>Where the Next Header field that announces the fragment header is; of no meaning when there is none.</summary>
    public int FragmentNextHeaderOffset { get; private init; }

    /// <summary>Where the fragment belongs in the fragmentable part, in bytes: a multiple of 8.</summary>
    public int FragmentOffset { get; private init; }

    /// <summary>The M flag of the fragment header.</summary>
    public bool MoreFragments { get; private init; }

    /// <summary>The fragment header's Identification.</summary>
    public uint Identification { get; private init; }

    /// <summary>True when there is a fragment header, that of an atomic fragment (RFC 6946) included.</summary>
    public bool HasFragmentHeader => FragmentHeaderOffset != 0;

    /// <summary>True when the packet is a part of a larger one, the first part included.</summary>
    public bool IsFragment => MoreFragments || FragmentOffset != 0;

    internal static bool TryWalk(ReadOnlySpan<byte> packet, IpProtocol next, out IPv6ExtensionChain chain)
    {
        chain = default;
        var (offset, announced) = (IPv6Header.Size, IPv6Header.NextHeaderOffset);
        for (var headers = 0; IsExtension(next); headers++)
        {
            var rest = packet[offset..];
            if (headers == MaxHeaders || rest.Length < 8 || next == IpProtocol.HopByHopOptions && headers != 0)
                return false;
            var length = next switch
            {
                IpProtocol.Fragment => FragmentHeaderSize,
                IpProtocol.Ah => (rest[1] + 2) * 4,
                _ => (rest[1] + 1) * 8,
            };
            if (length > rest.Length)
                return false;
            if (next == IpProtocol.Fragment)
            {
                var word = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                chain = new IPv6ExtensionChain
                {
                    FragmentHeaderOffset = offset,
                    FragmentNextHeaderOffset = announced,
                    FragmentOffset = word & 0xFFF8,
                    MoreFragments = (word & 1) != 0,
                    Identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
                };
            }
            next = (IpProtocol)rest[0];
            announced = offset;
            offset += length;
            if (chain.FragmentOffset != 0)
                break;
        }
        chain = chain with { Protocol = next, Offset = offset, NextHeaderOffset = announced };
        return true;
    }

    private static bool IsExtension(IpProtocol header) => header is IpProtocol.HopByHopOptions or IpProtocol.Routing
        or IpProtocol.Fragment or IpProtocol.Ah or IpProtocol.DestinationOptions;
}
