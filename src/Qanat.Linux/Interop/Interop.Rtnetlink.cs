// linux/rtnetlink.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Rtnetlink
    {
        internal const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_GETLINK = 18, RTM_SETLINK = 19;
        internal const ushort RTM_NEWADDR = 20, RTM_DELADDR = 21, RTM_GETADDR = 22;
        internal const ushort RTM_NEWROUTE = 24, RTM_DELROUTE = 25, RTM_GETROUTE = 26;
        internal const ushort RTM_NEWNEIGH = 28, RTM_DELNEIGH = 29, RTM_GETNEIGH = 30;
        internal const ushort RTM_NEWRULE = 32, RTM_DELRULE = 33;

        internal const int RTNLGRP_LINK = 1, RTNLGRP_NEIGH = 3, RTNLGRP_IPV4_IFADDR = 5, RTNLGRP_IPV4_ROUTE = 7, RTNLGRP_IPV4_RULE = 8,
            RTNLGRP_IPV6_IFADDR = 9, RTNLGRP_IPV6_ROUTE = 11, RTNLGRP_IPV6_RULE = 19;

        internal const ushort RTA_DST = 1, RTA_SRC = 2, RTA_IIF = 3, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_PRIORITY = 6, RTA_PREFSRC = 7,
            RTA_METRICS = 8, RTA_MULTIPATH = 9, RTA_CACHEINFO = 12, RTA_TABLE = 15, RTA_MARK = 16, RTA_VIA = 18;

        internal const ushort RTAX_LOCK = 1, RTAX_MTU = 2, RTAX_WINDOW = 3, RTAX_RTT = 4, RTAX_RTTVAR = 5, RTAX_SSTHRESH = 6,
            RTAX_CWND = 7, RTAX_ADVMSS = 8, RTAX_REORDERING = 9, RTAX_HOPLIMIT = 10, RTAX_INITCWND = 11, RTAX_FEATURES = 12,
            RTAX_RTO_MIN = 13, RTAX_INITRWND = 14, RTAX_QUICKACK = 15, RTAX_CC_ALGO = 16;

        internal const uint RTM_F_LOOKUP_TABLE = 0x1000;

        internal struct ifinfomsg
        {
            internal byte ifi_family;
            internal byte ifi_pad;
            internal ushort ifi_type;
            internal int ifi_index;
            internal uint ifi_flags;
            internal uint ifi_change;
        }

        internal struct rtmsg
        {
            internal byte rtm_family;
            internal byte rtm_dst_len;
            internal byte rtm_src_len;
            internal byte rtm_tos;
            internal byte rtm_table;
            internal byte rtm_protocol;
            internal byte rtm_scope;
            internal byte rtm_type;
            internal uint rtm_flags;
        }

        internal struct rtnexthop
        {
            internal ushort rtnh_len;
            internal byte rtnh_flags;
            internal byte rtnh_hops;
            internal int rtnh_ifindex;
        }

        internal struct rta_cacheinfo
        {
            internal uint rta_clntref;
            internal uint rta_lastuse;
            internal int rta_expires;
            internal uint rta_error;
            internal uint rta_used;
            internal uint rta_id;
            internal uint rta_ts;
            internal uint rta_tsage;
        }
    }
}
