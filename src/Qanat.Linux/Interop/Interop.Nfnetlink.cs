// linux/netfilter.h, linux/netfilter/nfnetlink.h, linux/netfilter/nfnetlink_hook.h, linux/netfilter/nf_tables.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static partial class Interop
{
    internal static class Nfnetlink
    {
        internal const byte NFPROTO_UNSPEC = 0, NFPROTO_INET = 1, NFPROTO_IPV4 = 2, NFPROTO_NETDEV = 5;
        internal const uint NF_INET_PRE_ROUTING = 0, NF_INET_LOCAL_IN = 1, NF_INET_LOCAL_OUT = 3, NF_INET_POST_ROUTING = 4;
        internal const uint NF_NETDEV_INGRESS = 0;

        internal const ushort NFNL_SUBSYS_NFTABLES = 10, NFNL_SUBSYS_HOOK = 12;

        internal const ushort NFNL_MSG_HOOK_GET = 0;
        internal const ushort NFNLA_HOOK_HOOKNUM = 1, NFNLA_HOOK_DEV = 3, NFNLA_HOOK_FUNCTION_NAME = 4;

        internal const ushort NFT_MSG_NEWTABLE = 0, NFT_MSG_GETTABLE = 1;

        /// <summary>The type of a message of a subsystem, as a netlink header has it.</summary>
        internal static ushort Type(ushort subsystem, ushort message) => (ushort)(subsystem << 8 | message);

        internal struct nfgenmsg
        {
            internal byte nfgen_family;
            internal byte version;
            internal ushort res_id; // network order
        }
    }
}
