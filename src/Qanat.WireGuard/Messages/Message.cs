using System.Buffers.Binary;

namespace Qanat.WireGuard;

/// <summary>Tells messages apart.</summary>
public static class Message
{
    /// <summary>
    /// What a datagram is. None when its length is not that of the type, or the three reserved bytes are not zero
    /// (drivers/net/wireguard/receive.c: prepare_skb_header).
    /// </summary>
    public static MessageType TypeOf(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < sizeof(uint))
            return MessageType.None;
        return BinaryPrimitives.ReadUInt32LittleEndian(datagram) switch
        {
            (uint)MessageType.Transport when datagram.Length >= TransportMessage.MinSize => MessageType.Transport,
            (uint)MessageType.Initiation when datagram.Length == InitiationMessage.Size => MessageType.Initiation,
            (uint)MessageType.Response when datagram.Length == ResponseMessage.Size => MessageType.Response,
            (uint)MessageType.CookieReply when datagram.Length == CookieReplyMessage.Size => MessageType.CookieReply,
            _ => MessageType.None,
        };
    }

    /// <summary>Writes the type, the reserved zeros, and the index that follows them in every message.</summary>
    internal static void Begin(Span<byte> message, MessageType type, uint index)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)type);
        BinaryPrimitives.WriteUInt32LittleEndian(message[sizeof(uint)..], index);
    }
}
