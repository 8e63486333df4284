// linux/fib_rules.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Rtnetlink
    {
        internal const ushort RTM_GETRULE = 34;

        internal const ushort FRA_DST = 1, FRA_SRC = 2, FRA_IIFNAME = 3, FRA_GOTO = 4, FRA_PRIORITY = 6, FRA_FWMARK = 10,
            FRA_SUPPRESS_IFGROUP = 13, FRA_SUPPRESS_PREFIXLEN = 14, FRA_TABLE = 15, FRA_FWMASK = 16, FRA_OIFNAME = 17, FRA_L3MDEV = 19,
            FRA_UID_RANGE = 20, FRA_PROTOCOL = 21, FRA_IP_PROTO = 22, FRA_SPORT_RANGE = 23, FRA_DPORT_RANGE = 24;

        internal const uint FIB_RULE_INVERT = 2;

        internal struct fib_rule_hdr
        {
            internal byte family;
            internal byte dst_len;
            internal byte src_len;
            internal byte tos;
            internal byte table;
            internal byte res1;
            internal byte res2;
            internal byte action;
            internal uint flags;
        }
    }
}
