using System.Buffers.Binary;

namespace Qanat.Testing;

/// <summary>A frame of a capture.</summary>
/// <param name="Time">When it was seen.</param>
/// <param name="OriginalLength">Its bytes on the wire, of which the capture may have kept fewer.</param>
/// <param name="Bytes">What was kept, link header included.</param>
/// <param name="Packet">The IP packet in it; empty when it carries none.</param>
public sealed record PcapFrame(DateTimeOffset Time, int OriginalLength, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Packet);

/// <summary>
/// A classic pcap file (draft-ietf-opsawg-pcap): either byte order, micro- or nanoseconds, link types Ethernet and raw IP.
/// </summary>
/// <param name="LinkType">1 Ethernet, 101 raw IP.</param>
/// <param name="Frames">The frames, in order.</param>
public sealed record PcapFile(uint LinkType, IReadOnlyList<PcapFrame> Frames)
{
    private const int FileHeaderLength = 24, RecordHeaderLength = 16, EthernetLength = 14;
    private const uint Microseconds = 0xA1B2C3D4, Nanoseconds = 0xA1B23C4D, Ethernet = 1, RawIP = 101, LongestFrame = 262144;

    /// <summary>The IP packets, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Packets => Frames.Where(frame => !frame.Packet.IsEmpty).Select(frame => frame.Packet);

    /// <summary>Reads a whole file.</summary>
    public static PcapFile Read(string path) => Parse(File.ReadAllBytes(path));

    /// <summary>Reads a capture.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="growing">True when it is still being written, so that a last record may be incomplete.</param>
    /// <exception cref="InvalidDataException">It is not such a file, or is cut short.</exception>
    public static PcapFile Parse(ReadOnlyMemory<byte> file, bool growing = false)
    {
        if (file.Length < FileHeaderLength)
            return growing ? new(Ethernet, []) : throw new InvalidDataException("Shorter than a pcap header.");
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(file.Span);
        var swapped = magic is not (Microseconds or Nanoseconds);
        var tick = (swapped ? BinaryPrimitives.ReverseEndianness(magic) : magic) switch
        {
            Microseconds => 1000L,
            Nanoseconds => 1L,
            _ => throw new InvalidDataException($"0x{magic:x8} is no pcap."),
        };
        var linkType = Word(20) & 0x0FFFFFFF;
        if (linkType is not (Ethernet or RawIP))
            throw new InvalidDataException($"Link type {linkType} is neither Ethernet nor raw IP.");

        List<PcapFrame> frames = [];
        var at = FileHeaderLength;
        while (at < file.Length)
        {
            var length = file.Length - at < RecordHeaderLength ? uint.MaxValue : Word(at + 8);
            if (length > LongestFrame || length > file.Length - at - RecordHeaderLength)
                return growing ? new(linkType, frames) : throw new InvalidDataException($"The record at {at} is cut short.");
            var time = DateTimeOffset.UnixEpoch.AddSeconds(Word(at)).AddTicks(Word(at + 4) * tick / TimeSpan.NanosecondsPerTick);
            var bytes = file.Slice(at + RecordHeaderLength, (int)length);
            frames.Add(new(time, (int)Word(at + 12), bytes, PacketOf(linkType, bytes)));
            at += RecordHeaderLength + (int)length;
        }

        return new(linkType, frames);

        uint Word(int offset)
        {
            var value = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[offset..]);
            return swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
        }
    }

    // What follows the link header, without the padding of short Ethernet frames.
    private static ReadOnlyMemory<byte> PacketOf(uint linkType, ReadOnlyMemory<byte> frame)
    {
        var packet = frame;
        if (linkType == Ethernet)
        {
            if (frame.Length < EthernetLength || BinaryPrimitives.ReadUInt16BigEndian(frame.Span[12..]) is not (0x0800 or 0x86DD))
                return default;
            packet = frame[EthernetLength..];
        }

        var isVersion4 = packet.Length >= 20 && packet.Span[0] >> 4 == 4;
        return isVersion4 ? packet[..Math.Min(packet.Length, BinaryPrimitives.ReadUInt16BigEndian(packet.Span[2..]))] : packet;
    }
}
