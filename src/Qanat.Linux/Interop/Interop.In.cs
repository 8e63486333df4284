// netinet/in.h, linux/in.h, linux/icmp.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class In
    {
        internal const int IPPROTO_IP = 0, IPPROTO_ICMP = 1, IPPROTO_RAW = 255;
        internal const int IP_TOS = 1, IP_TTL = 2, IP_HDRINCL = 3, IP_PKTINFO = 8, IP_MTU_DISCOVER = 10, IP_RECVTTL = 12, IP_RECVTOS = 13,
            IP_MULTICAST_LOOP = 34, IP_ADD_MEMBERSHIP = 35, IP_DROP_MEMBERSHIP = 36, IP_PROTOCOL = 52;
        internal const int IP_PMTUDISC_DONT = 0, IP_PMTUDISC_PROBE = 3;
        internal const int SOL_RAW = 255, ICMP_FILTER = 1;

        internal struct sockaddr_in
        {
            internal ushort sin_family;

            /// <summary>Network byte order.</summary>
            internal ushort sin_port;

            /// <summary>Network byte order, as it lies in the packet.</summary>
            internal uint sin_addr;

            internal ulong sin_zero;
        }

        internal struct in_pktinfo
        {
            internal int ipi_ifindex;
            internal uint ipi_spec_dst;
            internal uint ipi_addr;
        }

        internal struct ip_mreqn
        {
            /// <summary>Network byte order, as the next.</summary>
            internal uint imr_multiaddr;

            internal uint imr_address;
            internal int imr_ifindex;
        }
    }
}
