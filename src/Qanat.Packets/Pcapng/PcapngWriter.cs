using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Qanat.Packets.PcapngFormat;

namespace Qanat.Packets;

/// <summary>
/// Writes a capture in the pcapng format, which Wireshark and tshark read, in the machine's byte order. Nothing is allocated
/// for a packet. It belongs to one thread at a time.
/// </summary>
/// <remarks>Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.6.</remarks>
public sealed class PcapngWriter
{
    private readonly IBufferWriter<byte> _output;

    /// <summary>Begins a section: writes its header.</summary>
    /// <param name="output">Where blocks go, each as soon as it is whole.</param>
    /// <param name="program">The program's name and version, for the header.</param>
    /// <param name="system">The operating system's.</param>
    public PcapngWriter(IBufferWriter<byte> output, string? program = null, string? system = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        var length = 28 + OptionLength(system) + OptionLength(program) + 4;
        var block = Begin(SectionHeader, length);
        block.Write(ByteOrderMagic);
        block.Write((ushort)1);
        block.Write((ushort)0);
        block.Write(-1L); // the section's length: unknown
        block.Text(SystemName, system);
        block.Text(ProgramName, program);
        End(ref block);
    }

    /// <summary>Interfaces that there are.</summary>
    public int Interfaces { get; private set; }

    /// <summary>Adds an interface.</summary>
    /// <returns>Its number, for <see cref="CapturedPacket.Interface"/>.</returns>
    public int AddInterface(CaptureInterface description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var filter = description.Filter is null ? null : "\0" + description.Filter; // a zero in front: in libpcap's words
        var length = 20 + OptionLength(description.Name) + OptionLength(description.Description) + OptionLength(filter) + 8 + 4;
        var block = Begin(InterfaceDescription, length);
        block.Write((ushort)description.LinkType);
        block.Write((ushort)0);
        block.Write(description.SnapLength);
        block.Text(InterfaceName, description.Name);
        block.Text(InterfaceText, description.Description);
        block.Option(TimestampResolution, [Nanoseconds]);
        block.Text(InterfaceFilter, filter);
        End(ref block);
        return Interfaces++;
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="packet">What is known of it; its interface has been added.</param>
    /// <param name="bytes">Its bytes, as many as are kept.</param>
    /// <exception cref="ArgumentException">There is no such interface, or the packet is longer than 16 MB.</exception>
    public void Write(in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        if ((uint)packet.Interface >= (uint)Interfaces)
            throw new ArgumentException($"There is no interface {packet.Interface}.", nameof(packet));
        var options = OptionLength(packet.Comment) + (packet.Direction != 0 ? 8 : 0) + (packet.Id != 0 ? 12 : 0);
        var length = 32 + Pad(bytes.Length) + (options > 0 ? options + 4 : 0);
        if (length > MaxBlockLength)
            throw new ArgumentException("The packet is too long for a capture.", nameof(bytes));
        var block = Begin(EnhancedPacket, length);
        block.Write(packet.Interface);
        block.Time(packet.Timestamp);
        block.Write(bytes.Length);
        block.Write(Math.Max(packet.OriginalLength, bytes.Length));
        block.Padded(bytes);
        if (options > 0)
        {
            block.Text(Comment, packet.Comment);
            if (packet.Direction != 0)
                block.Option(PacketFlags, (uint)packet.Direction);
            if (packet.Id != 0)
                block.Option(PacketId, packet.Id);
        }

        End(ref block, options > 0);
    }

    /// <summary>Writes what an interface has counted, usually at the end.</summary>
    /// <param name="interface">Its number.</param>
    /// <param name="timestamp">When: nanoseconds since the beginning of 1970, UTC.</param>
    /// <param name="statistics">The counts.</param>
    public void Write(int @interface, long timestamp, CaptureStatistics statistics)
    {
        var block = Begin(InterfaceStatistics, 24 + 3 * 12 + 4);
        block.Write(@interface);
        block.Time(timestamp);
        block.Option(EndTime, (ulong)timestamp >> 32 | (ulong)timestamp << 32);
        block.Option(InterfaceReceived, statistics.Received);
        block.Option(SystemDropped, statistics.Dropped);
        End(ref block);
    }

    private static int OptionLength(string? text) =>
        text is null ? 0 : 4 + Pad(Math.Min(Encoding.UTF8.GetByteCount(text), ushort.MaxValue));

    private Block Begin(uint type, int length)
    {
        var block = new Block(_output.GetSpan(length)[..length]);
        block.Write(type);
        block.Write(length);
        return block;
    }

    private void End(ref Block block, bool options = true)
    {
        if (options)
            block.Write((uint)EndOfOptions);
        block.Write(block.Length);
        _output.Advance(block.Length);
    }

    private ref struct Block(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;
        private int _position;

        public readonly int Length => _bytes.Length;

        public void Write<T>(T value) where T : unmanaged
        {
            MemoryMarshal.Write(_bytes[_position..], in value);
            _position += Unsafe.SizeOf<T>();
        }

        // The upper half comes first, whatever the byte order.
        public void Time(long nanoseconds)
        {
            Write((uint)(nanoseconds >> 32));
            Write((uint)nanoseconds);
        }

        public void Padded(scoped ReadOnlySpan<byte> value)
        {
            value.CopyTo(_bytes[_position..]);
            var end = _position + Pad(value.Length);
            _bytes[(_position + value.Length)..end].Clear();
            _position = end;
        }

        public void Option<T>(ushort code, T value) where T : unmanaged
            => Option(code, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

        public void Option(ushort code, scoped ReadOnlySpan<byte> value)
        {
            Write(code);
            Write((ushort)value.Length);
            Padded(value);
        }

        public void Text(ushort code, string? text)
        {
            if (text is null)
                return;
            var length = Math.Min(Encoding.UTF8.GetByteCount(text), ushort.MaxValue);
            Write(code);
            Write((ushort)length);
            Encoding.UTF8.GetEncoder().Convert(text, _bytes.Slice(_position, length), flush: false, out _, out var written, out _);
            var end = _position + Pad(length);
            _bytes[(_position + written)..end].Clear();
            _position = end;
        }
    }
}
