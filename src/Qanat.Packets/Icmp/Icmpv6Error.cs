using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>An ICMPv6 error about an IPv6 packet: what it says, and the packet that says it (RFC 4443, 2.4 and 3).</summary>
/// <param name="Type">The kind of error.</param>
/// <param name="Code">Its variety.</param>
/// <param name="RestOfHeader">The four bytes whose meaning depends on the type, as a number.</param>
public readonly record struct Icmpv6Error(Icmpv6Type Type, byte Code, uint RestOfHeader = 0)
{
    /// <summary>
    /// The most bytes of an error with its IPv6 header, the least MTU of IPv6: it quotes as much of the packet as fits.
    /// </summary>
    public const int MaxLength = IPv6Header.MinimumMtu;

    private const int HeadersLength = IPv6Header.Size + Icmpv6Header.Size;
    private const byte HopLimit = 64;
    private const byte UnrecognizedOption = 2;

    /// <summary>The packet is larger than the <paramref name="mtu"/> (in bytes) of the link.</summary>
    public static Icmpv6Error PacketTooBig(int mtu) => new(Icmpv6Type.PacketTooBig, 0, (uint)mtu);

    /// <summary>The packet cannot be delivered.</summary>
    public static Icmpv6Error Unreachable(Icmpv6UnreachableCode code) => new(Icmpv6Type.DestinationUnreachable, (byte)code);

    /// <summary>The packet's hop limit ran out.</summary>
    public static Icmpv6Error HopLimitExceeded => new(Icmpv6Type.TimeExceeded, 0);

    /// <summary>The field <paramref name="offset"/> bytes from the start of the packet forbids to go on.</summary>
    public static Icmpv6Error ErroneousField(int offset) => new(Icmpv6Type.ParameterProblem, 0, (uint)offset);

    /// <summary>
    /// Whether this error may be sent about <paramref name="packet"/> (RFC 4443, 2.4 (e); icmp6_send in net/ipv6/icmp.c):
    /// not about ICMPv6 errors and redirects, not when the source does not name a single node, and, but for Packet Too Big and
    /// options that the sender wants to hear of, not when it was for many.
    /// </summary>
    /// <param name="packet">The packet to complain about; one whose extension headers cannot be walked is refused.</param>
    /// <param name="linkBroadcast">True when its frame was for many: PACKET_BROADCAST or PACKET_MULTICAST.</param>
    public bool MayReplyTo(IPv6Header packet, bool linkBroadcast = false)
    {
        var mayBeForMany = Type == Icmpv6Type.PacketTooBig || Type == Icmpv6Type.ParameterProblem && Code == UnrecognizedOption;
        if ((linkBroadcast || packet.Destination.IsMulticast) && !mayBeForMany)
            return false;
        if (packet.Source.IsAny || packet.Source.IsMulticast || packet.Source.IsLoopback || !packet.TryWalk(out var chain))
            return false;
        if (chain.Protocol != IpProtocol.Icmpv6 || chain.FragmentOffset != 0)
            return true;
        return Icmpv6Header.TryParse(packet.Packet[chain.Offset..], out var message) &&
            !message.IsError && message.Type != Icmpv6Type.Redirect;
    }

    /// <summary>
    /// Writes the error about <paramref name="packet"/> as a whole IPv6 packet: hop limit 64, traffic class and flow label 0,
    /// as much of the packet as fits, checksum complete.
    /// </summary>
    /// <param name="packet">The IPv6 packet to complain about, or the beginning of it that another error quotes.</param>
    /// <param name="source">Who complains: a unicast address.</param>
    /// <param name="error">Where it goes; <see cref="MaxLength"/> bytes are always enough.</param>
    /// <param name="length">Bytes that were written.</param>
    /// <param name="linkBroadcast">True when the packet's frame was for many.</param>
    /// <param name="extensions">
    /// Extensions (RFC 4884), which follow the quotation and are left out when they do not fit with 128 bytes of it.
    /// </param>
    /// <returns>
    /// False, with nothing written, when the packet is none or the error may not be sent about it (<see cref="MayReplyTo"/>).
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> is too short.</exception>
    public bool TryBuild(ReadOnlySpan<byte> packet, IPv6Address source, Span<byte> error, out int length, bool linkBroadcast = false,
        ReadOnlySpan<byte> extensions = default)
    {
        length = 0;
        if (!IPv6Header.TryParseQuoted(packet, out var original) || !MayReplyTo(original, linkBroadcast))
            return false;
        if (extensions.Length > MaxLength - HeadersLength - IcmpHeader.MinExtendedQuotation)
            extensions = default;
        var quotation = original.Packet[..Math.Min(original.Packet.Length, QuotationRoom(extensions.Length))];
        var padded = extensions.IsEmpty ? quotation.Length : Math.Max(IcmpHeader.MinExtendedQuotation, (quotation.Length + 7) & ~7);
        var message = error.Slice(IPv6Header.Size, Icmpv6Header.Size + padded + extensions.Length);
        message.Clear();
        quotation.CopyTo(message[Icmpv6Header.Size..]);
        extensions.CopyTo(message[(Icmpv6Header.Size + padded)..]);
        message[0] = (byte)Type;
        message[1] = Code;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], RestOfHeader);
        if (!extensions.IsEmpty)
            message[4] = (byte)(padded / 8);
        var checksum = InternetChecksum.Finish(Icmpv6Header.Sum(message, source, original.Source));
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], checksum);

        length = IPv6Header.Size + message.Length;
        IPv6Header.Write(error, 0, 0, message.Length, IpProtocol.Icmpv6, HopLimit, source, original.Source);
        return true;
    }

    // In front of extensions the quotation is of so many 8-byte words.
    private static int QuotationRoom(int extensions) =>
        extensions == 0 ? MaxLength - HeadersLength : MaxLength - HeadersLength - extensions & ~7;
}
