// linux/if_link.h, linux/if_tunnel.h, linux/veth.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Rtnetlink
    {
        internal const ushort IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_LINK = 5, IFLA_QDISC = 6, IFLA_MASTER = 10,
            IFLA_TXQLEN = 13, IFLA_OPERSTATE = 16, IFLA_LINKINFO = 18, IFLA_IFALIAS = 20, IFLA_STATS64 = 23, IFLA_AF_SPEC = 26,
            IFLA_GROUP = 27, IFLA_NET_NS_FD = 28, IFLA_CARRIER = 33, IFLA_LINK_NETNSID = 37, IFLA_GSO_MAX_SIZE = 41,
            IFLA_NEW_NETNSID = 45;

        internal const ushort IFLA_INET6_ADDR_GEN_MODE = 8;

        internal const ushort IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2;

        internal const ushort IFLA_TUN_OWNER = 1, IFLA_TUN_GROUP = 2, IFLA_TUN_TYPE = 3, IFLA_TUN_PI = 4, IFLA_TUN_VNET_HDR = 5,
            IFLA_TUN_PERSIST = 6, IFLA_TUN_MULTI_QUEUE = 7, IFLA_TUN_NUM_QUEUES = 8, IFLA_TUN_NUM_DISABLED_QUEUES = 9;

        internal const ushort VETH_INFO_PEER = 1;

        internal const ushort IFLA_VLAN_ID = 1, IFLA_VLAN_PROTOCOL = 5;

        internal const ushort IFLA_MACVLAN_MODE = 1;

        internal const ushort IFLA_VXLAN_ID = 1, IFLA_VXLAN_GROUP = 2, IFLA_VXLAN_LINK = 3, IFLA_VXLAN_LOCAL = 4, IFLA_VXLAN_TTL = 5,
            IFLA_VXLAN_LEARNING = 7, IFLA_VXLAN_PORT = 15, IFLA_VXLAN_GROUP6 = 16, IFLA_VXLAN_LOCAL6 = 17;

        internal const ushort IFLA_IPTUN_LINK = 1, IFLA_IPTUN_LOCAL = 2, IFLA_IPTUN_REMOTE = 3;

        internal const ushort IFLA_GRE_LINK = 1, IFLA_GRE_OFLAGS = 3, IFLA_GRE_LOCAL = 6, IFLA_GRE_REMOTE = 7;

        internal const ushort IFLA_VTI_LINK = 1, IFLA_VTI_LOCAL = 4, IFLA_VTI_REMOTE = 5;

        internal const ushort GRE_CSUM = 0x8000, GRE_KEY = 0x2000, GRE_SEQ = 0x1000;
    }
}
