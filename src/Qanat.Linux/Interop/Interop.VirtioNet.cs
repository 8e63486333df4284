// linux/virtio_net.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class VirtioNet
    {
        internal const byte VIRTIO_NET_HDR_F_NEEDS_CSUM = 1, VIRTIO_NET_HDR_F_DATA_VALID = 2;

        internal const byte VIRTIO_NET_HDR_GSO_NONE = 0, VIRTIO_NET_HDR_GSO_TCPV4 = 1, VIRTIO_NET_HDR_GSO_TCPV6 = 4,
            VIRTIO_NET_HDR_GSO_UDP_L4 = 5, VIRTIO_NET_HDR_GSO_ECN = 0x80;

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
    }
}
