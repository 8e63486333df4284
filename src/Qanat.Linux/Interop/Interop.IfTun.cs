// linux/if_tun.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class IfTun
    {
        // By value: SETPERSIST, SETOWNER, SETGROUP, SETLINK, SETOFFLOAD. Behind a pointer: the others.
        internal const nuint TUNSETIFF = 0x400454ca, TUNSETPERSIST = 0x400454cb, TUNSETOWNER = 0x400454cc, TUNSETLINK = 0x400454cd,
            TUNSETGROUP = 0x400454ce, TUNGETFEATURES = 0x800454cf, TUNSETOFFLOAD = 0x400454d0, TUNGETIFF = 0x800454d2,
            TUNSETSNDBUF = 0x400454d4, TUNSETVNETHDRSZ = 0x400454d8;

        internal const ushort IFF_TUN = 0x0001, IFF_TAP = 0x0002, IFF_MULTI_QUEUE = 0x0100, IFF_PERSIST = 0x0800, IFF_NO_PI = 0x1000,
            IFF_VNET_HDR = 0x4000, IFF_TUN_EXCL = 0x8000;

        internal const uint TUN_F_CSUM = 0x01, TUN_F_TSO4 = 0x02, TUN_F_TSO6 = 0x04, TUN_F_TSO_ECN = 0x08, TUN_F_USO4 = 0x20,
            TUN_F_USO6 = 0x40;
    }
}
