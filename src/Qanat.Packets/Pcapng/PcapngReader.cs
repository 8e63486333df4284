using System.Buffers.Binary;
using System.Text;
using static Qanat.Packets.PcapngFormat;

namespace Qanat.Packets;

/// <summary>
/// Reads a capture in the pcapng format, from a file or as it comes: each packet is returned as soon as it is whole. Both
/// byte orders and several sections are read, unknown blocks and options passed over, and lengths believed only within
/// bounds.
/// </summary>
/// <remarks>Source: draft-ietf-opsawg-pcapng, sections 3 and 4.</remarks>
public sealed class PcapngReader(Stream input)
{
    private const int MinBlockLength = 12;

    private readonly List<CaptureInterface> _interfaces = [];
    private readonly List<byte> _resolutions = [];
    private readonly List<CaptureStatistics> _statistics = [];
    private byte[] _block = new byte[4096];
    private bool _swapped;
    private bool _begun;

    /// <summary>The interfaces of the current section, as far as it has been read.</summary>
    public IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    /// <summary>What each of them has counted, by the newest word of it.</summary>
    public IReadOnlyList<CaptureStatistics> Statistics => _statistics;

    /// <summary>Reads on to the next packet.</summary>
    /// <param name="packet">What is known of it.</param>
    /// <param name="bytes">Its bytes, until the next call.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">This is no pcapng file, for it is empty or begins otherwise, or it is damaged.</exception>
    public bool TryRead(out CapturedPacket packet, out ReadOnlySpan<byte> bytes)
    {
        packet = default;
        bytes = default;
        while (TryReadBlock(out var type, out var body))
        {
            switch (type)
            {
                case SectionHeader:
                    _interfaces.Clear();
                    _resolutions.Clear();
                    _statistics.Clear();
                    break;
                case InterfaceDescription:
                    ReadInterface(body);
                    break;
                case InterfaceStatistics:
                    ReadStatistics(body);
                    break;
                case EnhancedPacket:
                    ReadPacket(body, out packet, out bytes);
                    return true;
                case SimplePacket:
                    ReadSimplePacket(body, out packet, out bytes);
                    return true;
            }
        }

        return false;
    }

    // A body is without the type and the two lengths.
    private bool TryReadBlock(out uint type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        var got = input.ReadAtLeast(_block.AsSpan(0, MinBlockLength), MinBlockLength, throwOnEndOfStream: false);
        if (got == 0)
            return _begun ? false : throw new InvalidDataException("This is no pcapng file: it is empty.");
        if (got < MinBlockLength)
            throw Damaged("it ends within a block");
        type = Word(_block);
        if (type == SectionHeader)
            BeginSection();
        else if (!_begun)
            throw new InvalidDataException("This is no pcapng file.");
        var length = Word(_block.AsSpan(4));
        if (length < MinBlockLength || length > MaxBlockLength || length % 4 != 0)
            throw Damaged($"a block says that it has {length} bytes");
        if (_block.Length < length)
            Array.Resize(ref _block, Math.Max((int)length, Math.Min(2 * _block.Length, MaxBlockLength)));
        if (input.ReadAtLeast(_block.AsSpan(MinBlockLength, (int)length - MinBlockLength), (int)length - MinBlockLength, false) <
            length - MinBlockLength)
            throw Damaged("it ends within a block");
        if (Word(_block.AsSpan((int)length - 4)) != length)
            throw Damaged("a block's two lengths differ");
        body = _block.AsSpan(8, (int)length - MinBlockLength);
        return true;
    }

    private void BeginSection()
    {
        var magic = BitConverter.ToUInt32(_block, 8);
        _swapped = magic == BinaryPrimitives.ReverseEndianness(ByteOrderMagic);
        if (!_swapped && magic != ByteOrderMagic)
            throw new InvalidDataException("This is no pcapng file.");
        _begun = true;
    }

    private void ReadInterface(ReadOnlySpan<byte> body)
    {
        Require(body, 8);
        string name = "", description = "", filter = "";
        byte resolution = 6; // microseconds unless said otherwise
        for (var options = body[8..]; TryReadOption(ref options, out var code, out var value);)
        {
            switch (code)
            {
                case InterfaceName: name = Text(value); break;
                case InterfaceText: description = Text(value); break;
                case InterfaceFilter when value is [0, ..]: filter = Text(value[1..]); break;
                case TimestampResolution when value.Length > 0: resolution = value[0]; break;
            }
        }

        _interfaces.Add(new(name, (CaptureLinkType)Half(body), (int)Math.Min(Word(body[4..]), int.MaxValue),
            description.Length > 0 ? description : null, filter.Length > 0 ? filter : null));
        _resolutions.Add(resolution);
        _statistics.Add(default);
    }

    private void ReadStatistics(ReadOnlySpan<byte> body)
    {
        Require(body, 12);
        var number = Word(body);
        if (number >= _statistics.Count)
            return;
        var statistics = _statistics[(int)number];
        for (var options = body[12..]; TryReadOption(ref options, out var code, out var value);)
        {
            if (code == InterfaceReceived && value.Length == 8)
                statistics = statistics with { Received = Long(value) };
            else if (code == SystemDropped && value.Length == 8)
                statistics = statistics with { Dropped = Long(value) };
        }

        _statistics[(int)number] = statistics;
    }

    private void ReadPacket(ReadOnlySpan<byte> body, out CapturedPacket packet, out ReadOnlySpan<byte> bytes)
    {
        Require(body, 20);
        var number = Word(body);
        if (number >= _interfaces.Count)
            throw Damaged($"a packet is of interface {number}, which it does not have");
        var length = Word(body[12..]);
        if (length > body.Length - 20)
            throw Damaged("a packet is longer than its block");
        bytes = body.Slice(20, (int)length);
        packet = new()
        {
            Interface = (int)number,
            Timestamp = ToNanoseconds((ulong)Word(body[4..]) << 32 | Word(body[8..]), _resolutions[(int)number]),
            OriginalLength = (int)Math.Min(Word(body[16..]), int.MaxValue),
        };
        for (var options = body[Math.Min(body.Length, 20 + Pad((int)length))..]; TryReadOption(ref options, out var code, out var value);)
        {
            packet = code switch
            {
                Comment => packet with { Comment = packet.Comment is null ? Text(value) : $"{packet.Comment}; {Text(value)}" },
                PacketFlags when value.Length == 4 => packet with { Direction = (CaptureDirection)(Word(value) & 3) },
                PacketId when value.Length == 8 => packet with { Id = Long(value) },
                _ => packet,
            };
        }
    }

    private void ReadSimplePacket(ReadOnlySpan<byte> body, out CapturedPacket packet, out ReadOnlySpan<byte> bytes)
    {
        Require(body, 4);
        if (_interfaces.Count == 0)
            throw Damaged("a packet is of interface 0, which it does not have");
        var length = (int)Math.Min(Word(body), int.MaxValue);
        var kept = _interfaces[0].SnapLength is > 0 and var snap ? Math.Min(length, snap) : length;
        if (kept > body.Length - 4)
            throw Damaged("a packet is longer than its block");
        bytes = body.Slice(4, kept);
        packet = new() { OriginalLength = length };
    }

    private bool TryReadOption(ref ReadOnlySpan<byte> options, out ushort code, out ReadOnlySpan<byte> value)
    {
        code = EndOfOptions;
        value = default;
        if (options.Length < 4)
            return false;
        code = Half(options);
        int length = Half(options[2..]);
        if (code == EndOfOptions)
            return false;
        if (length > options.Length - 4)
            throw Damaged("an option is longer than its block");
        value = options.Slice(4, length);
        options = options[Math.Min(options.Length, 4 + Pad(length))..];
        return true;
    }

    // A resolution is a negative power of ten, or of two with the upper bit set.
    private static long ToNanoseconds(ulong units, byte resolution)
    {
        if (resolution == Nanoseconds)
            return (long)units;
        var perSecond = (resolution & 0x80) != 0
            ? Math.ScaleB(1.0, resolution & 0x7F)
            : Math.Pow(10, resolution);
        if (resolution > Nanoseconds)
            return (long)(units / perSecond * 1e9);
        var whole = (ulong)perSecond;
        return (long)(units / whole * 1_000_000_000 + units % whole * (1_000_000_000 / whole));
    }

    private static void Require(ReadOnlySpan<byte> body, int length)
    {
        if (body.Length < length)
            throw Damaged("a block is shorter than its kind");
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value).TrimEnd('\0');

    private static InvalidDataException Damaged(string how) => new($"The capture is damaged: {how}.");

    private ushort Half(ReadOnlySpan<byte> bytes)
    {
        var value = BitConverter.ToUInt16(bytes);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    private uint Word(ReadOnlySpan<byte> bytes)
    {
        var value = BitConverter.ToUInt32(bytes);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    private ulong Long(ReadOnlySpan<byte> bytes)
    {
        var value = BitConverter.ToUInt64(bytes);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }
}
