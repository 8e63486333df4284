using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>The tag of a virtual LAN (IEEE 802.1Q).</summary>
/// <param name="Type">The tag's own type: <see cref="EtherType.Vlan"/> or <see cref="EtherType.ServiceVlan"/>.</param>
/// <param name="Control">Tag control information: priority (3 bits), drop eligible (1), identifier (12).</param>
public readonly record struct VlanTag(EtherType Type, ushort Control)
{
    /// <summary>The priority code point, 0 to 7.</summary>
    public int Priority => Control >> 13;

    /// <summary>True when the frame may be dropped first.</summary>
    public bool DropEligible => (Control & 0x1000) != 0;

    /// <summary>The LAN's number; 0 when the tag carries a priority alone.</summary>
    public int Identifier => Control & 0xFFF;
}

/// <summary>A view of an Ethernet frame without its check sequence (IEEE 802.3), with up to two VLAN tags.</summary>
/// <remarks>
/// <code>
/// +-------------------+-------------------+-----------------------------+-------------+-------------
/// |  Destination (6)  |    Source (6)     | 0 to 2 times: type, control | EtherType(2)|  Payload ...
/// +-------------------+-------------------+-----------------------------+-------------+-------------
/// </code>
/// A third tag is payload: then <see cref="EtherType"/> is a tag's.
/// </remarks>
public readonly ref struct EthernetHeader
{
    /// <summary>Bytes of a header without tags.</summary>
    public const int MinSize = 14;

    /// <summary>Bytes of a tag.</summary>
    public const int TagSize = 4;

    /// <summary>The most tags of one frame: a service tag and a customer tag (802.1ad).</summary>
    public const int MaxTags = 2;

    private readonly ReadOnlySpan<byte> _frame;

    private EthernetHeader(ReadOnlySpan<byte> frame, int tagCount)
    {
        _frame = frame;
        TagCount = tagCount;
    }

    /// <summary>Where the frame goes.</summary>
    public MacAddress Destination => MacAddress.Read(_frame);

    /// <summary>Where the frame comes from.</summary>
    public MacAddress Source => MacAddress.Read(_frame[6..]);

    /// <summary>VLAN tags of the frame: 0 to 2.</summary>
    public int TagCount { get; }

    /// <summary>Bytes in front of the payload: 14, 18 or 22.</summary>
    public int HeaderLength => MinSize + TagCount * TagSize;

    /// <summary>What the payload is, behind all tags.</summary>
    public EtherType EtherType => (EtherType)BinaryPrimitives.ReadUInt16BigEndian(_frame[(HeaderLength - 2)..]);

    /// <summary>What follows the header, padding included.</summary>
    public ReadOnlySpan<byte> Payload => _frame[HeaderLength..];

    /// <summary>Tag <paramref name="index"/>, counted from the outermost.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tag.</exception>
    public VlanTag Tag(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, TagCount);
        var tag = _frame[(MinSize - 2 + index * TagSize)..];
        return new VlanTag((EtherType)BinaryPrimitives.ReadUInt16BigEndian(tag), BinaryPrimitives.ReadUInt16BigEndian(tag[2..]));
    }

    /// <summary>Views <paramref name="frame"/>. False when the header, or a tag that it announces, is cut short.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out EthernetHeader header)
    {
        header = default;
        var tags = 0;
        while (frame.Length >= MinSize + tags * TagSize)
        {
            var type = (EtherType)BinaryPrimitives.ReadUInt16BigEndian(frame[(MinSize - 2 + tags * TagSize)..]);
            if (tags == MaxTags || type is not (EtherType.Vlan or EtherType.ServiceVlan))
            {
                header = new EthernetHeader(frame, tags);
                return true;
            }
            tags++;
        }
        return false;
    }

    /// <summary>Writes a header of 14 bytes without tags.</summary>
    /// <param name="header">Where it goes; at least 14 bytes.</param>
    /// <param name="destination">Where the frame goes.</param>
    /// <param name="source">Where the frame comes from.</param>
    /// <param name="type">What the payload is.</param>
    public static void Write(Span<byte> header, MacAddress destination, MacAddress source, EtherType type)
    {
        destination.Write(header);
        source.Write(header[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[12..], (ushort)type);
    }
}
