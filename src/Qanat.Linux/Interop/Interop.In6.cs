// linux/in6.h, linux/ipv6.h, linux/icmpv6.h

using System.Runtime.CompilerServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class In6
    {
        internal const int IPPROTO_IPV6 = 41, IPPROTO_ICMPV6 = 58;
        internal const int IPV6_FLOWINFO = 11, IPV6_MULTICAST_LOOP = 19, IPV6_ADD_MEMBERSHIP = 20, IPV6_DROP_MEMBERSHIP = 21,
            IPV6_MTU_DISCOVER = 23, IPV6_V6ONLY = 26, IPV6_HDRINCL = 36, IPV6_RECVPKTINFO = 49, IPV6_PKTINFO = 50,
            IPV6_RECVHOPLIMIT = 51, IPV6_HOPLIMIT = 52, IPV6_DSTOPTS = 59, IPV6_TCLASS = 67, IPV6_AUTOFLOWLABEL = 70;
        internal const int IPV6_PMTUDISC_DONT = 0, IPV6_PMTUDISC_PROBE = 3;
        internal const int ICMP6_FILTER = 1;

        internal struct in6_addr
        {
            internal fixed byte s6_addr[16];
        }

        internal struct sockaddr_in6
        {
            internal ushort sin6_family;

            /// <summary>Network byte order, as the next.</summary>
            internal ushort sin6_port;

            internal uint sin6_flowinfo;
            internal in6_addr sin6_addr;
            internal uint sin6_scope_id;
        }

        internal struct in6_pktinfo
        {
            internal in6_addr ipi6_addr;
            internal int ipi6_ifindex;
        }

        internal struct ipv6_mreq
        {
            internal in6_addr ipv6mr_multiaddr;
            internal int ipv6mr_ifindex;
        }

        /// <summary>A bit for each type that is kept out.</summary>
        [InlineArray(8)]
        internal struct icmp6_filter
        {
            private uint _types;
        }
    }
}
