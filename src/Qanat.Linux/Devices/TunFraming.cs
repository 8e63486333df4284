using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Qanat.Packets;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.VirtioNet;

namespace Qanat.Linux.Devices;

/// <summary>
/// What stands in front of each packet that passes the descriptor, and how a <see cref="PacketInfo"/> says the same:
/// <code>
/// struct tun_pi (4 bytes, without IFF_NO_PI) | virtio-net header (with IFF_VNET_HDR) | packet
/// </code>
/// </summary>
/// <param name="information">True for packet information.</param>
/// <param name="vnetLength">Bytes of the virtio-net header, 0 or from 10 to <see cref="VirtioNetHeader.LengthWithTunnel"/>.</param>
internal readonly unsafe struct TunFraming(bool information, int vnetLength)
{
    /// <summary>The most bytes that there can be.</summary>
    public const int MaxLength = InformationLength + VirtioNetHeader.LengthWithTunnel;

    private const int InformationLength = 4;

    /// <summary>Bytes in front of each packet.</summary>
    public int Length { get; } = (information ? InformationLength : 0) + vnetLength;

    /// <summary>True when packets may be super-packets, and their checksums partial.</summary>
    public bool HasOffloads => vnetLength != 0;

    /// <summary>Takes a packet's facts from what stands in front of it. False when it was cut short, or makes no sense.</summary>
    public bool TryDecode(byte* start, ref PacketInfo packet)
    {
        if (information)
        {
            var pi = Unsafe.ReadUnaligned<tun_pi>(start);
            if ((pi.flags & TUN_PKT_STRIP) != 0)
                return false;
            packet.Protocol = (EtherType)BinaryPrimitives.ReverseEndianness(pi.proto);
            start += InformationLength;
        }

        if (vnetLength == 0)
            return true;
        var header = default(virtio_net_hdr_v1_hash_tunnel);
        Unsafe.CopyBlockUnaligned(&header, start, (uint)vnetLength);
        return VirtioNetHeader.TryDecode(header, ref packet);
    }

    /// <summary>Writes what stands in front of a packet. False when it has no room for the packet's facts.</summary>
    public bool TryEncode(byte* start, in PacketInfo packet, ReadOnlySpan<byte> bytes)
    {
        if (packet.Gso != GsoType.None || packet.Checksum == ChecksumState.Partial)
            if (vnetLength == 0 || packet.GsoTunnel != GsoTunnel.None && vnetLength < VirtioNetHeader.LengthWithTunnel)
                return false;
        if (information)
        {
            var protocol = packet.Protocol != 0 ? packet.Protocol : ProtocolOf(bytes);
            Unsafe.WriteUnaligned(start, new tun_pi { proto = BinaryPrimitives.ReverseEndianness((ushort)protocol) });
            start += InformationLength;
        }

        if (vnetLength != 0)
        {
            var header = VirtioNetHeader.Encode(packet, bytes);
            Unsafe.CopyBlockUnaligned(start, &header, (uint)vnetLength);
        }

        return true;
    }

    // A TUN's packets begin with their version; of a TAP's frames the kernel reads the type itself.
    private static EtherType ProtocolOf(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? 0 : (bytes[0] >> 4) switch { 4 => EtherType.IPv4, 6 => EtherType.IPv6, _ => 0 };
}
