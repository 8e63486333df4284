using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The outer IP header that all segments of one inner packet share, made once: only its lengths, the id of IPv4 and its
/// checksum differ.
/// </summary>
/// <remarks>
/// Over IPv6 a destination option may follow, the tunnel encapsulation limit (RFC 2473, 4.1.1):
/// <code>
/// |  Next Header  | Hdr Ext Len=0 |  Opt Type = 4 | Opt Len = 1 |
/// |     Limit     |    PadN = 1   |       1       |      0      |
/// </code>
/// </remarks>
internal readonly struct OuterHeader
{
    /// <summary>The most bytes of a header: IPv6 with an encapsulation limit.</summary>
    public const int MaxSize = IPv6Header.Size + EncapLimitSize;

    /// <summary>Bytes of the encapsulation limit's options header.</summary>
    public const int EncapLimitSize = 8;

    private readonly Template _template;
    private readonly uint _sum;

    private OuterHeader(int size, uint sum, in Template template) => (Size, _sum, _template) = (size, sum, template);

    /// <summary>Bytes of the header.</summary>
    public int Size { get; }

    /// <summary>An IPv4 header.</summary>
    public static OuterHeader IPv4(
        byte tos, bool dontFragment, byte ttl, IpProtocol protocol, IPv4Address source, IPv4Address destination)
    {
        var template = default(Template);
        IPv4Header.Write(template, tos, 0, 0, dontFragment, ttl, protocol, source, destination);
        BinaryPrimitives.WriteUInt16BigEndian(((Span<byte>)template)[10..], 0);
        return new(IPv4Header.MinSize, InternetChecksum.Sum(((Span<byte>)template)[..IPv4Header.MinSize]), template);
    }

    /// <summary>An IPv6 header, and the encapsulation limit unless it is null.</summary>
    public static OuterHeader IPv6(byte trafficClass, uint flowLabel, byte hopLimit, IpProtocol protocol, byte? encapLimit,
        IPv6Address source, IPv6Address destination)
    {
        var template = default(Template);
        var next = encapLimit is null ? protocol : IpProtocol.DestinationOptions;
        IPv6Header.Write(template, trafficClass, flowLabel, 0, next, hopLimit, source, destination);
        if (encapLimit is not { } limit)
            return new(IPv6Header.Size, 0, template);
        ReadOnlySpan<byte> options = [(byte)protocol, 0, 4, 1, limit, 1, 1, 0];
        options.CopyTo(((Span<byte>)template)[IPv6Header.Size..]);
        return new(MaxSize, 0, template);
    }

    /// <summary>The same header in front of <paramref name="protocol"/>; an encapsulation limit stays between the two.</summary>
    public OuterHeader With(IpProtocol protocol)
    {
        var template = _template;
        Span<byte> bytes = template;
        var announced = Size switch { IPv4Header.MinSize => 9, IPv6Header.Size => IPv6Header.NextHeaderOffset, _ => IPv6Header.Size };
        bytes[announced] = (byte)protocol;
        return new(Size, Size == IPv4Header.MinSize ? InternetChecksum.Sum(bytes[..Size]) : 0, template);
    }

    /// <summary>Writes the header of an outer packet.</summary>
    /// <param name="packet">The whole packet, whose length goes into the header.</param>
    /// <param name="id">IPv4's identification.</param>
    public void Write(Span<byte> packet, ushort id)
    {
        ((ReadOnlySpan<byte>)_template)[..Size].CopyTo(packet);
        if (Size != IPv4Header.MinSize)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - IPv6Header.Size));
            return;
        }
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], id);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Finish(_sum + (uint)packet.Length + id));
    }

    [InlineArray(MaxSize)]
    private struct Template
    {
        private byte _first;
    }
}
