// linux/virtio_net.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class VirtioNet
    {
        internal const byte VIRTIO_NET_HDR_F_NEEDS_CSUM = 1, VIRTIO_NET_HDR_F_DATA_VALID = 2, VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM = 8;

        internal const byte VIRTIO_NET_HDR_GSO_NONE = 0, VIRTIO_NET_HDR_GSO_TCPV4 = 1, VIRTIO_NET_HDR_GSO_TCPV6 = 4,
            VIRTIO_NET_HDR_GSO_UDP_L4 = 5, VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 = 0x20, VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6 = 0x40,
            VIRTIO_NET_HDR_GSO_ECN = 0x80;

        /// <summary>The header in front of each packet, 10 bytes, in the machine's byte order.</summary>
        internal struct virtio_net_hdr
        {
            internal byte flags;
            internal byte gso_type;
            internal ushort hdr_len;
            internal ushort gso_size;
            internal ushort csum_start;
            internal ushort csum_offset;
        }

        /// <summary>The longer form, 24 bytes: the number of buffers and the hash between the two are not for TUN devices.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 24)]
        internal struct virtio_net_hdr_v1_hash_tunnel
        {
            [FieldOffset(0)] internal virtio_net_hdr hdr;
            [FieldOffset(20)] internal ushort outer_th_offset;
            [FieldOffset(22)] internal ushort inner_nh_offset;
        }
    }
}
