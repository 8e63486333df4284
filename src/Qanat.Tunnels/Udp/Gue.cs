using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The header of generic UDP encapsulation (draft-ietf-intarea-gue; net/ipv4/fou_core.c: gue_udp_recv, __gue_build_header).
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +---+-+---------+---------------+-------------------------------+
/// |Ver|C|  Hlen   | Proto / ctype |             Flags             |
/// +---+-+---------+---------------+-------------------------------+
/// |                  Options (Hlen * 4 bytes) ...                 |
/// </code>
/// Version 1 has no header: an IPv4 or IPv6 packet begins at once. The one option is a private one, the remote checksum:
/// <code>
/// |          Private flags = 0x80000000 (remote checksum)         |
/// |        Checksum start         |        Checksum field         |
/// </code>
/// </remarks>
internal static class Gue
{
    private const int MinSize = 4, RemoteChecksumSize = 8;
    private const byte ControlFlag = 0x20, HlenMask = 0x1F;
    private const int PrivateFlag = 0x0001, RemoteChecksumFlag = unchecked((int)0x80000000);

    /// <summary>Bytes of the header of a packet that leaves.</summary>
    public static int LengthOf(RemoteChecksum? checksum) => MinSize + (checksum is null ? 0 : RemoteChecksumSize);

    /// <summary>Writes the header, and leaves the checksum to the far end if that is wanted.</summary>
    /// <param name="payload">What follows the UDP header: room for this one, then the packet, which is complete.</param>
    /// <param name="protocol">What the packet is.</param>
    /// <param name="checksum">The checksum that is left out; null for none.</param>
    public static void Write(Span<byte> payload, IpProtocol protocol, RemoteChecksum? checksum)
    {
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)protocol << 16);
        if (checksum is not { } remote)
            return;
        payload[0] = RemoteChecksumSize / 4;
        payload[3] = PrivateFlag;
        BinaryPrimitives.WriteInt32BigEndian(payload[MinSize..], RemoteChecksumFlag);
        BinaryPrimitives.WriteUInt16BigEndian(payload[(MinSize + 4)..], remote.Start);
        BinaryPrimitives.WriteUInt16BigEndian(payload[(MinSize + 6)..], remote.Field);
        remote.LeaveOut(payload[(MinSize + RemoteChecksumSize)..]);
    }

    /// <summary>
    /// Reads the header of <paramref name="payload"/>, and completes the inner checksum where the sender left that to us.
    /// False when it is cut short, is a control message, or has options that nobody knows.
    /// </summary>
    /// <param name="payload">What follows the UDP header.</param>
    /// <param name="protocol">What the inner packet is.</param>
    /// <param name="length">Bytes of the header.</param>
    public static bool TryRead(Span<byte> payload, out IpProtocol protocol, out int length)
    {
        (protocol, length) = (0, 0);
        if (payload.IsEmpty)
            return false;
        if (payload[0] >> 6 == 1)
        {
            protocol = (payload[0] >> 4) switch { 4 => IpProtocol.IpIp, 6 => IpProtocol.IPv6, _ => 0 };
            return protocol != 0;
        }
        if (payload.Length < MinSize || payload[0] >> 6 != 0 || (payload[0] & ControlFlag) != 0)
            return false;
        length = MinSize + (payload[0] & HlenMask) * 4;
        protocol = (IpProtocol)payload[1];
        return length <= payload.Length && TryApplyOptions(payload, payload[MinSize..length]);
    }

    // The kernel knows one flag, of private options, and one of those, the remote checksum.
    private static bool TryApplyOptions(Span<byte> payload, ReadOnlySpan<byte> options)
    {
        var flags = payload[2] << 8 | payload[3];
        if (flags == 0)
            return options.IsEmpty;
        if (flags != PrivateFlag || options.Length != RemoteChecksumSize)
            return false;
        var isRemoteChecksum = (options[0] << 24 | options[1] << 16 | options[2] << 8 | options[3]) == RemoteChecksumFlag;
        var (start, field) = (options[4] << 8 | options[5], options[6] << 8 | options[7]);
        var inner = payload[(MinSize + options.Length)..];
        if (!isRemoteChecksum || start > field)
            return false;
        return ChecksumOffload.Complete(inner, new PacketInfo
        {
            Checksum = ChecksumState.Partial, ChecksumStart = (ushort)start, ChecksumOffset = (ushort)(field - start),
        });
    }
}
