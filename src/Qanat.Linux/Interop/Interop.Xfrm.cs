// linux/xfrm.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static partial class Interop
{
    internal static class Xfrm
    {
        internal const ushort XFRM_MSG_NEWSPDINFO = 0x24, XFRM_MSG_GETSPDINFO = 0x25, XFRM_MSG_GETDEFAULT = 0x28;
        internal const ushort XFRMA_SPD_INFO = 1;
        internal const byte XFRM_USERPOLICY_BLOCK = 1;

        internal struct xfrmu_spdinfo
        {
            internal uint incnt, outcnt, fwdcnt;
            internal uint inscnt, outscnt, fwdscnt;
        }

        internal struct xfrm_userpolicy_default
        {
            internal byte @in;
            internal byte fwd;
            internal byte @out;
        }
    }
}
