using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>An ICMP error about an IPv4 packet: what it says, and the packet that says it (RFC 792, RFC 1812 4.3.2).</summary>
/// <param name="Type">The kind of error.</param>
/// <param name="Code">Its variety.</param>
/// <param name="RestOfHeader">The four bytes whose meaning depends on the type, as a number.</param>
public readonly record struct IcmpError(IcmpType Type, byte Code, uint RestOfHeader = 0)
{
    /// <summary>
    /// The most bytes of an error with its IPv4 header: it quotes as much of the packet as fits (RFC 1812, 4.3.2.3).
    /// </summary>
    public const int MaxLength = 576;

    private const int HeadersLength = IPv4Header.MinSize + IcmpHeader.Size;

    // The kernel's IPTOS_PREC_INTERNETCONTROL, and the TOS bits that it keeps from the packet (IPTOS_TOS_MASK).
    private const int InternetControl = 0xC0, TosMask = 0x1E;

    private const byte TimeToLive = 64;

    /// <summary>The packet is larger than the <paramref name="mtu"/> (in bytes) of the link, and DF is set (RFC 1191).</summary>
    public static IcmpError FragmentationNeeded(int mtu) =>
        new(IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.FragmentationNeeded, (ushort)Math.Min(mtu, ushort.MaxValue));

    /// <summary>The packet cannot be delivered.</summary>
    public static IcmpError Unreachable(IcmpUnreachableCode code) => new(IcmpType.DestinationUnreachable, (byte)code);

    /// <summary>The packet's TTL ran out.</summary>
    public static IcmpError TimeToLiveExceeded => new(IcmpType.TimeExceeded, 0);

    /// <summary>
    /// Whether an error may be sent about <paramref name="packet"/> (RFC 1812, 4.3.2.7): not about errors (the kernel takes
    /// ICMP types that it does not know for such), not about fragments but the first, not when it was for many, and not when
    /// its source does not name a single host.
    /// </summary>
    /// <param name="packet">The packet to complain about.</param>
    /// <param name="linkBroadcast">True when its frame was for many: PACKET_BROADCAST or PACKET_MULTICAST.</param>
    /// <remarks>Broadcast addresses of subnets cannot be told from others here; who knows the routes refuses them.</remarks>
    public static bool MayReplyTo(IPv4Header packet, bool linkBroadcast = false)
    {
        if (linkBroadcast || packet.FragmentOffset != 0 || !IsSingleHost(packet.Source) ||
            packet.Destination.IsMulticast || packet.Destination.IsLimitedBroadcast)
            return false;
        return packet.Protocol != IpProtocol.Icmp || !packet.Payload.IsEmpty && ((IcmpType)packet.Payload[0]).IsQuery();
    }

    /// <summary>
    /// Writes the error about <paramref name="packet"/> as a whole IPv4 packet, as the kernel's icmp_send does: precedence
    /// internetwork control, TTL 64, no DF, as much of the packet as fits, checksums complete.
    /// </summary>
    /// <param name="packet">The IPv4 packet to complain about.</param>
    /// <param name="source">Who complains; 0.0.0.0 when a raw socket is to fill it in.</param>
    /// <param name="identification">The IP id; 0 when a raw socket is to fill it in.</param>
    /// <param name="error">Where it goes; <see cref="MaxLength"/> bytes are always enough.</param>
    /// <param name="length">Bytes that were written.</param>
    /// <param name="linkBroadcast">True when the packet's frame was for many.</param>
    /// <returns>
    /// False, with nothing written, when the packet is none or no error may be sent about it (<see cref="MayReplyTo"/>).
    /// </returns>
    /// <remarks>IP options of the packet are quoted, but not sent back along its way.</remarks>
    /// <exception cref="ArgumentException"><paramref name="error"/> is too short.</exception>
    public bool TryBuild(ReadOnlySpan<byte> packet, IPv4Address source, ushort identification, Span<byte> error, out int length,
        bool linkBroadcast = false)
    {
        length = 0;
        if (!IPv4Header.TryParseQuoted(packet, out var original) || !MayReplyTo(original, linkBroadcast))
            return false;
        var quotation = original.Packet[..Math.Min(original.Packet.Length, MaxLength - HeadersLength)];
        var message = error.Slice(IPv4Header.MinSize, IcmpHeader.Size + quotation.Length);
        quotation.CopyTo(message[IcmpHeader.Size..]);
        message[0] = (byte)Type;
        message[1] = Code;
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], RestOfHeader);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Compute(message));

        length = IPv4Header.MinSize + message.Length;
        var typeOfService = (byte)(original.TypeOfService & TosMask | InternetControl);
        IPv4Header.Write(error, typeOfService, length, identification, false, TimeToLive, IpProtocol.Icmp, source, original.Source);
        return true;
    }

    // Not 0.0.0.0/8, loopback, multicast, broadcast or class E.
    private static bool IsSingleHost(IPv4Address address) =>
        address.Value >> 24 != 0 && !address.IsLoopback && address.Value >> 28 < 0xE;
}
