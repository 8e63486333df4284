using System.Buffers.Binary;

namespace Qanat.Packets;

/// <content>Writing a header, and changing single fields in place.</content>
public readonly ref partial struct IPv4Header
{
    /// <summary>Writes a header of 20 bytes, its checksum included.</summary>
    /// <param name="header">Where it goes; at least 20 bytes.</param>
    /// <param name="typeOfService">The whole TOS byte.</param>
    /// <param name="totalLength">Bytes of the packet with this header, at most 65,535.</param>
    /// <param name="identification">What the fragments of one datagram have in common.</param>
    /// <param name="dontFragment">The DF flag.</param>
    /// <param name="timeToLive">Hops that the packet may take.</param>
    /// <param name="protocol">What the payload is.</param>
    /// <param name="source">Where the packet comes from.</param>
    /// <param name="destination">Where the packet goes.</param>
    /// <param name="moreFragments">The MF flag.</param>
    /// <param name="fragmentOffset">Where the payload belongs in the datagram's, in bytes: a multiple of 8.</param>
    public static void Write(Span<byte> header, byte typeOfService, int totalLength, ushort identification, bool dontFragment,
        byte timeToLive, IpProtocol protocol, IPv4Address source, IPv4Address destination,
        bool moreFragments = false, int fragmentOffset = 0)
    {
        header = header[..MinSize];
        header[0] = 0x45;
        header[1] = typeOfService;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], identification);
        header[8] = timeToLive;
        header[9] = (byte)protocol;
        source.Write(header[12..]);
        destination.Write(header[16..]);
        WritePart(header, totalLength, dontFragment, moreFragments, fragmentOffset);
    }

    /// <summary>Computes the header checksum of the packet afresh, over its options too, and stores it.</summary>
    public static void UpdateChecksum(Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Compute(packet[..((packet[0] & 0xF) * 4)]));
    }

    /// <summary>Sets the whole TOS byte and keeps the checksum right.</summary>
    public static void SetTypeOfService(Span<byte> packet, byte value) =>
        SetWord(packet, 0, (ushort)(packet[0] << 8 | value));

    /// <summary>Sets the ECN field and keeps the checksum right.</summary>
    public static void SetEcn(Span<byte> packet, Ecn value) =>
        SetTypeOfService(packet, (byte)(packet[1] & ~3 | (int)value));

    /// <summary>Sets the TTL and keeps the checksum right.</summary>
    public static void SetTimeToLive(Span<byte> packet, byte value) =>
        SetWord(packet, 8, (ushort)(value << 8 | packet[9]));

    /// <summary>Sets Identification and keeps the checksum right.</summary>
    public static void SetIdentification(Span<byte> packet, ushort value) => SetWord(packet, 4, value);

    /// <summary>Sets Total Length (in bytes, at most 65,535) and keeps the checksum right.</summary>
    public static void SetTotalLength(Span<byte> packet, int value) => SetWord(packet, 2, (ushort)value);

    /// <summary>Sets the DF flag and keeps the checksum right.</summary>
    public static void SetDontFragment(Span<byte> packet, bool value)
    {
        var word = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & ~DontFragmentFlag;
        SetWord(packet, 6, (ushort)(value ? word | DontFragmentFlag : word));
    }

    // Which part of a datagram the packet is: total length, flags and offset (in bytes), and with them the checksum.
    internal static void WritePart(Span<byte> packet, int totalLength, bool dontFragment, bool moreFragments, int fragmentOffset)
    {
        var flags = (dontFragment ? DontFragmentFlag : 0) | (moreFragments ? MoreFragmentsFlag : 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)totalLength);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], (ushort)(flags | fragmentOffset / 8));
        UpdateChecksum(packet);
    }

    private static void SetWord(Span<byte> packet, int offset, ushort value)
    {
        var before = BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]);
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(packet[10..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[offset..], value);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Update(checksum, before, value));
    }
}
