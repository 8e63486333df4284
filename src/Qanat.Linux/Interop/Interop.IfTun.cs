// linux/if_tun.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class IfTun
    {
        // By value: SETPERSIST, SETOWNER, SETGROUP, SETLINK, SETOFFLOAD. Behind a pointer: the others.
        internal const nuint TUNSETIFF = 0x400454ca, TUNSETPERSIST = 0x400454cb, TUNSETOWNER = 0x400454cc, TUNSETLINK = 0x400454cd,
            TUNSETGROUP = 0x400454ce, TUNGETFEATURES = 0x800454cf, TUNSETOFFLOAD = 0x400454d0, TUNSETTXFILTER = 0x400454d1,
            TUNGETIFF = 0x800454d2, TUNGETSNDBUF = 0x800454d3, TUNSETSNDBUF = 0x400454d4, TUNATTACHFILTER = 0x401054d5,
            TUNDETACHFILTER = 0x401054d6, TUNGETVNETHDRSZ = 0x800454d7, TUNSETVNETHDRSZ = 0x400454d8, TUNSETQUEUE = 0x400454d9,
            TUNSETIFINDEX = 0x400454da, TUNGETFILTER = 0x801054db, TUNSETSTEERINGEBPF = 0x800454e0, TUNSETFILTEREBPF = 0x800454e1,
            TUNSETCARRIER = 0x400454e2, TUNGETDEVNETNS = 0x54e3;

        internal const ushort IFF_TUN = 0x0001, IFF_TAP = 0x0002, IFF_NAPI = 0x0010, IFF_NAPI_FRAGS = 0x0020, IFF_NO_CARRIER = 0x0040,
            IFF_MULTI_QUEUE = 0x0100, IFF_ATTACH_QUEUE = 0x0200, IFF_DETACH_QUEUE = 0x0400, IFF_PERSIST = 0x0800, IFF_NO_PI = 0x1000,
            IFF_ONE_QUEUE = 0x2000, IFF_VNET_HDR = 0x4000, IFF_TUN_EXCL = 0x8000;

        internal const uint TUN_F_CSUM = 0x01, TUN_F_TSO4 = 0x02, TUN_F_TSO6 = 0x04, TUN_F_TSO_ECN = 0x08, TUN_F_USO4 = 0x20,
            TUN_F_USO6 = 0x40, TUN_F_UDP_TUNNEL_GSO = 0x80, TUN_F_UDP_TUNNEL_GSO_CSUM = 0x100;

        internal const ushort TUN_PKT_STRIP = 0x0001, TUN_FLT_ALLMULTI = 0x0001;

        /// <summary>Packet information, in front of everything else.</summary>
        internal struct tun_pi
        {
            internal ushort flags;

            /// <summary>EtherType, in network order.</summary>
            internal ushort proto;
        }

        /// <summary>What follows is <c>count</c> addresses of six bytes.</summary>
        internal struct tun_filter
        {
            internal ushort flags;
            internal ushort count;
        }
    }
}
