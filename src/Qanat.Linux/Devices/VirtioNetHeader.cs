using Qanat.Packets;
using static Qanat.Linux.Interop.VirtioNet;

namespace Qanat.Linux.Devices;

/// <summary>
/// The virtio-net header in front of a packet, to and from the packet's offload facts. Layout, in the machine's byte order
/// (Virtio 1.2 section 5.1.6, linux/virtio_net.h):
/// <code>
/// flags u8 | gso_type u8 | hdr_len u16 | gso_size u16 | csum_start u16 | csum_offset u16
/// </code>
/// </summary>
internal static class VirtioNetHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 10;

    private const int TcpChecksumOffset = 16, TcpDataOffset = 12, UdpHeaderLength = 8;

    /// <summary>Takes the facts of a packet from its header. False for a kind of super-packet that nobody asked for.</summary>
    public static bool TryDecode(in virtio_net_hdr header, ref PacketInfo packet)
    {
        packet.Gso = (header.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) switch
        {
            VIRTIO_NET_HDR_GSO_TCPV4 => GsoType.TcpV4,
            VIRTIO_NET_HDR_GSO_TCPV6 => GsoType.TcpV6,
            VIRTIO_NET_HDR_GSO_UDP_L4 => GsoType.UdpL4,
            _ => GsoType.None,
        };
        if (packet.Gso == GsoType.None && header.gso_type != VIRTIO_NET_HDR_GSO_NONE)
            return false;
        packet.GsoSize = header.gso_size;
        packet.GsoEcn = (header.gso_type & VIRTIO_NET_HDR_GSO_ECN) != 0;
        if ((header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        {
            packet.Checksum = ChecksumState.Partial;
            packet.ChecksumStart = header.csum_start;
            packet.ChecksumOffset = header.csum_offset;
        }
        else if ((header.flags & VIRTIO_NET_HDR_F_DATA_VALID) != 0)
        {
            packet.Checksum = ChecksumState.Valid;
        }

        return true;
    }

    /// <summary>Makes the header of a packet.</summary>
    public static virtio_net_hdr Encode(in PacketInfo packet, ReadOnlySpan<byte> bytes)
    {
        var header = new virtio_net_hdr();
        if (packet.Checksum == ChecksumState.Partial)
        {
            header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
            header.csum_start = packet.ChecksumStart;
            header.csum_offset = packet.ChecksumOffset;
        }
        else if (packet.Checksum == ChecksumState.Valid)
        {
            header.flags = VIRTIO_NET_HDR_F_DATA_VALID;
        }

        if (packet.Gso != GsoType.None)
        {
            header.gso_type = (byte)((byte)packet.Gso | (packet.GsoEcn ? VIRTIO_NET_HDR_GSO_ECN : 0));
            header.gso_size = packet.GsoSize;
            header.hdr_len = (ushort)HeaderLength(packet, bytes);
        }

        return header;
    }

    // Bytes up to the transport payload: the kernel copies that much into one piece. A hint, so a lie costs only speed.
    private static int HeaderLength(in PacketInfo packet, ReadOnlySpan<byte> bytes)
    {
        var tcp = packet.ChecksumOffset == TcpChecksumOffset;
        var dataOffset = packet.ChecksumStart + TcpDataOffset;
        var transport = !tcp ? UdpHeaderLength : dataOffset < bytes.Length ? bytes[dataOffset] >> 4 << 2 : 0;
        return Math.Min(packet.ChecksumStart + transport, bytes.Length);
    }
}
