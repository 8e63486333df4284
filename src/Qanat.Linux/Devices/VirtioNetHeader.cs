using Qanat.Packets;
using static Qanat.Linux.Interop.VirtioNet;

namespace Qanat.Linux.Devices;

/// <summary>
/// The virtio-net header in front of a packet, to and from the packet's offload facts. Layout, in the machine's byte order
/// (Virtio 1.2 section 5.1.6, linux/virtio_net.h):
/// <code>
/// flags u8 | gso_type u8 | hdr_len u16 | gso_size u16 | csum_start u16 | csum_offset u16
/// </code>
/// and for UDP tunnels, after ten bytes that TUN devices leave zero: <c>outer_th_offset u16 | inner_nh_offset u16</c>.
/// </summary>
internal static class VirtioNetHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 10;

    /// <summary>Bytes of the header that can describe what is inside a UDP tunnel.</summary>
    public const int LengthWithTunnel = 24;

    private const int TcpChecksumOffset = 16, TcpDataOffset = 12, UdpHeaderLength = 8;
    private const byte Tunnels = VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6;

    /// <summary>Takes the facts of a packet from its header. False for a kind of super-packet that nobody asked for.</summary>
    public static bool TryDecode(in virtio_net_hdr_v1_hash_tunnel header, ref PacketInfo packet)
    {
        var type = header.hdr.gso_type;
        packet.Gso = (type & ~(VIRTIO_NET_HDR_GSO_ECN | Tunnels)) switch
        {
            VIRTIO_NET_HDR_GSO_TCPV4 => GsoType.TcpV4,
            VIRTIO_NET_HDR_GSO_TCPV6 => GsoType.TcpV6,
            VIRTIO_NET_HDR_GSO_UDP_L4 => GsoType.UdpL4,
            _ => GsoType.None,
        };
        if (packet.Gso == GsoType.None && type != VIRTIO_NET_HDR_GSO_NONE || (type & Tunnels) == Tunnels)
            return false;
        packet.GsoSize = header.hdr.gso_size;
        packet.GsoEcn = (type & VIRTIO_NET_HDR_GSO_ECN) != 0;
        packet.GsoTunnel = (GsoTunnel)(type & Tunnels);
        if (packet.GsoTunnel != GsoTunnel.None)
        {
            packet.GsoTunnelChecksum = (header.hdr.flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM) != 0;
            packet.OuterTransport = header.outer_th_offset;
            packet.InnerNetwork = header.inner_nh_offset;
        }

        if ((header.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        {
            packet.Checksum = ChecksumState.Partial;
            packet.ChecksumStart = header.hdr.csum_start;
            packet.ChecksumOffset = header.hdr.csum_offset;
        }
        else if ((header.hdr.flags & VIRTIO_NET_HDR_F_DATA_VALID) != 0)
        {
            packet.Checksum = ChecksumState.Valid;
        }

        return true;
    }

    /// <summary>Makes the header of a packet.</summary>
    public static virtio_net_hdr_v1_hash_tunnel Encode(in PacketInfo packet, ReadOnlySpan<byte> bytes)
    {
        var header = new virtio_net_hdr_v1_hash_tunnel();
        if (packet.Checksum == ChecksumState.Partial)
        {
            header.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
            header.hdr.csum_start = packet.ChecksumStart;
            header.hdr.csum_offset = packet.ChecksumOffset;
        }
        else if (packet.Checksum == ChecksumState.Valid)
        {
            header.hdr.flags = VIRTIO_NET_HDR_F_DATA_VALID;
        }

        if (packet.Gso != GsoType.None)
        {
            header.hdr.gso_type = (byte)((byte)packet.Gso | (byte)packet.GsoTunnel | (packet.GsoEcn ? VIRTIO_NET_HDR_GSO_ECN : 0));
            header.hdr.gso_size = packet.GsoSize;
            header.hdr.hdr_len = (ushort)HeaderLength(packet, bytes);
        }

        if (packet.GsoTunnel != GsoTunnel.None)
        {
            header.hdr.flags |= packet.GsoTunnelChecksum ? VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM : (byte)0;
            header.outer_th_offset = packet.OuterTransport;
            header.inner_nh_offset = packet.InnerNetwork;
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
