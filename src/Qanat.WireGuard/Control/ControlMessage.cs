using System.Buffers.Binary;

namespace Qanat.WireGuard;

/// <summary>
/// A view of what two ends that are both Qanat tell each other: what a <see cref="TransportMessage"/> carries in place of a packet.
/// Where an IP packet has its version it has 0, and by that other implementations drop it.
/// </summary>
/// <remarks>
/// <code>
/// | version = 0 (4 bits), type (4 bits) | reserved = 0 (1) | length (2) |
/// |                          identifier (4)                             |
/// |                   body (length), then padding                       |
/// </code>
/// Numbers are little-endian, as all of WireGuard's. What the padding holds is nobody's business.
/// </remarks>
public readonly ref struct ControlMessage
{
    /// <summary>Bytes in front of the body.</summary>
    public const int HeaderSize = 8;

    /// <summary>The most bytes of a body.</summary>
    public const int MaxBody = ushort.MaxValue - TransportMessage.MinSize - HeaderSize;

    /// <summary>The greatest number that a type may have.</summary>
    public const int MaxType = 0x0F;

    private const int ReservedOffset = 1, LengthOffset = 2, IdentifierOffset = 4;

    private readonly ReadOnlySpan<byte> _message;

    private ControlMessage(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>What it is; perhaps nothing that is known here.</summary>
    public ControlMessageType Type => (ControlMessageType)_message[0];

    /// <summary>Chosen by who asks, and the same in the answer.</summary>
    public uint Identifier => BinaryPrimitives.ReadUInt32LittleEndian(_message[IdentifierOffset..]);

    /// <summary>What is said.</summary>
    public ReadOnlySpan<byte> Body => _message.Slice(HeaderSize, BinaryPrimitives.ReadUInt16LittleEndian(_message[LengthOffset..]));

    /// <summary>Whether what a transport message carries is meant as a control message.</summary>
    public static bool IsMeant(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] <= MaxType;

    /// <summary>Views what a transport message carried. False when it is none, is cut short, or is of a later kind.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ControlMessage message)
    {
        var valid = text.Length >= HeaderSize && text[0] is > 0 and <= MaxType && text[ReservedOffset] == 0 &&
            BinaryPrimitives.ReadUInt16LittleEndian(text[LengthOffset..]) <= text.Length - HeaderSize;
        message = valid ? new(text) : default;
        return valid;
    }

    /// <summary>Writes one; what follows it is padding.</summary>
    /// <param name="text">Where it goes; at least <see cref="HeaderSize"/> bytes and those of the body.</param>
    /// <param name="type">What it is.</param>
    /// <param name="identifier">What the answer is to bring back.</param>
    /// <param name="body">What is said.</param>
    public static void Write(Span<byte> text, ControlMessageType type, uint identifier, ReadOnlySpan<byte> body)
    {
        text[0] = (byte)type;
        text[ReservedOffset] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(text[LengthOffset..], (ushort)body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(text[IdentifierOffset..], identifier);
        body.CopyTo(text[HeaderSize..]);
    }
}
