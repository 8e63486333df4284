// linux/netlink.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Netlink
    {
        internal const int NETLINK_ROUTE = 0, NETLINK_XFRM = 6, NETLINK_NETFILTER = 12, NETLINK_GENERIC = 16;

        internal const ushort NLM_F_REQUEST = 0x01, NLM_F_MULTI = 0x02, NLM_F_ACK = 0x04, NLM_F_DUMP_INTR = 0x10;
        internal const ushort NLM_F_DUMP = 0x300;
        internal const ushort NLM_F_REPLACE = 0x100, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400, NLM_F_APPEND = 0x800;
        internal const ushort NLM_F_CAPPED = 0x100, NLM_F_ACK_TLVS = 0x200;

        internal const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3, NLMSG_OVERRUN = 4;

        internal const ushort NLMSGERR_ATTR_MSG = 1;

        internal const int SOL_NETLINK = 270;

        internal const int NETLINK_ADD_MEMBERSHIP = 1, NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11, NETLINK_GET_STRICT_CHK = 12;

        internal const ushort NLA_F_NESTED = 0x8000, NLA_TYPE_MASK = 0x3FFF;

        /// <summary>Messages and attributes both start at multiples of four bytes (NLMSG_ALIGN, NLA_ALIGN).</summary>
        internal static int Align(int length) => (length + 3) & ~3;

        internal struct nlmsghdr
        {
            internal uint nlmsg_len;
            internal ushort nlmsg_type;
            internal ushort nlmsg_flags;
            internal uint nlmsg_seq;
            internal uint nlmsg_pid;
        }

        internal struct nlmsgerr
        {
            internal int error;
            internal nlmsghdr msg;
        }

        internal struct nlattr
        {
            internal ushort nla_len;
            internal ushort nla_type;
        }

        internal struct sockaddr_nl
        {
            internal ushort nl_family;
            internal ushort nl_pad;
            internal uint nl_pid;
            internal uint nl_groups;
        }
    }
}
