namespace Qanat.Packets;

/// <summary>
/// Numbers of the pcapng format (draft-ietf-opsawg-pcapng). A file is a row of blocks, in the byte order that its section
/// header tells, each a multiple of four bytes:
/// <code>
/// type u32 | total length u32 | body ... | total length u32
/// </code>
/// and the options at a body's end are <c>code u16 | length u16 | value, padded to four bytes</c>, the last one 0.
/// </summary>
internal static class PcapngFormat
{
    internal const uint SectionHeader = 0x0A0D0D0A, InterfaceDescription = 1, SimplePacket = 3, InterfaceStatistics = 5, EnhancedPacket = 6;

    internal const uint ByteOrderMagic = 0x1A2B3C4D;

    internal const ushort EndOfOptions = 0, Comment = 1;
    internal const ushort HardwareName = 2, SystemName = 3, ProgramName = 4; // of a section
    internal const ushort InterfaceName = 2, InterfaceText = 3, TimestampResolution = 9, InterfaceFilter = 11; // of an interface
    internal const ushort PacketFlags = 2, PacketId = 5; // of a packet
    internal const ushort EndTime = 3, InterfaceReceived = 4, SystemDropped = 7; // of statistics

    /// <summary>A resolution of 10^-9 seconds.</summary>
    internal const byte Nanoseconds = 9;

    /// <summary>No block that this library writes, and none that it reads, is longer.</summary>
    internal const int MaxBlockLength = 1 << 24;

    /// <summary>The next multiple of four.</summary>
    internal static int Pad(int length) => (length + 3) & ~3;
}
