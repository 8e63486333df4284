// linux/neighbour.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Rtnetlink
    {
        internal const ushort NDA_DST = 1, NDA_LLADDR = 2, NDA_IFINDEX = 8;

        internal struct ndmsg
        {
            internal byte ndm_family;
            internal byte ndm_pad1;
            internal ushort ndm_pad2;
            internal int ndm_ifindex;
            internal ushort ndm_state;
            internal byte ndm_flags;
            internal byte ndm_type;
        }
    }
}
