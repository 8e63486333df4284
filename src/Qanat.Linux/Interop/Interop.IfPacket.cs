// linux/if_packet.h, linux/if_ether.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class IfPacket
    {
        internal const int SOL_PACKET = 263, PACKET_ADD_MEMBERSHIP = 1, PACKET_STATISTICS = 6, PACKET_AUXDATA = 8,
            PACKET_VERSION = 10, PACKET_TX_RING = 13, PACKET_LOSS = 14, PACKET_VNET_HDR = 15,
            PACKET_QDISC_BYPASS = 20;
        internal const ushort PACKET_MR_PROMISC = 1;
        internal const byte PACKET_OUTGOING = 4;
        internal const uint TP_STATUS_VLAN_VALID = 0x10, TP_STATUS_VLAN_TPID_VALID = 0x40;
        internal const int TPACKET_V2 = 1, TPACKET_ALIGNMENT = 16;
        internal const uint TP_STATUS_AVAILABLE = 0, TP_STATUS_SEND_REQUEST = 1, TP_STATUS_SENDING = 2, TP_STATUS_WRONG_FORMAT = 4;
        internal const int ETH_HLEN = 14;
        internal const ushort ETH_P_ALL = 0x0003, ETH_P_IP = 0x0800, ETH_P_8021Q = 0x8100, ETH_P_IPV6 = 0x86DD;

        [StructLayout(LayoutKind.Sequential, Pack = 4)]
        internal struct sockaddr_ll
        {
            internal ushort sll_family;

            /// <summary>Network byte order.</summary>
            internal ushort sll_protocol;

            internal int sll_ifindex;
            internal ushort sll_hatype;
            internal byte sll_pkttype;
            internal byte sll_halen;
            internal ulong sll_addr;
        }

        /// <summary>The address that follows has a place for eight bytes.</summary>
        internal struct packet_mreq
        {
            internal int mr_ifindex;
            internal ushort mr_type;
            internal ushort mr_alen;
            internal ulong mr_address;
        }

        internal struct tpacket_auxdata
        {
            internal uint tp_status;
            internal uint tp_len;
            internal uint tp_snaplen;
            internal ushort tp_mac;
            internal ushort tp_net;
            internal ushort tp_vlan_tci;
            internal ushort tp_vlan_tpid;
        }

        internal struct tpacket_stats
        {
            internal uint tp_packets;
            internal uint tp_drops;
        }

        internal struct tpacket_req
        {
            internal uint tp_block_size;
            internal uint tp_block_nr;
            internal uint tp_frame_size;
            internal uint tp_frame_nr;
        }

        /// <summary>What heads each frame of a ring, 32 bytes; in a ring that sends, the frame's data follows at once.</summary>
        internal struct tpacket2_hdr
        {
            internal uint tp_status;
            internal uint tp_len;
            internal uint tp_snaplen;
            internal ushort tp_mac;
            internal ushort tp_net;
            internal uint tp_sec;
            internal uint tp_nsec;
            internal ushort tp_vlan_tci;
            internal ushort tp_vlan_tpid;
            internal uint tp_padding;
        }
    }
}
