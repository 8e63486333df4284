// linux/if_addr.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Rtnetlink
    {
        internal const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_BROADCAST = 4, IFA_CACHEINFO = 6, IFA_FLAGS = 8,
            IFA_RT_PRIORITY = 9;

        internal const uint INFINITY_LIFE_TIME = uint.MaxValue;

        internal struct ifaddrmsg
        {
            internal byte ifa_family;
            internal byte ifa_prefixlen;
            internal byte ifa_flags;
            internal byte ifa_scope;
            internal int ifa_index;
        }

        internal struct ifa_cacheinfo
        {
            internal uint ifa_prefered;
            internal uint ifa_valid;
            internal uint cstamp;
            internal uint tstamp;
        }
    }
}
