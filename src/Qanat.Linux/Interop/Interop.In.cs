// netinet/in.h, linux/in.h, linux/icmp.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class In
    {
        internal const int IPPROTO_IP = 0, IPPROTO_ICMP = 1, IPPROTO_RAW = 255;
        internal const int IP_HDRINCL = 3, IP_PKTINFO = 8, IP_PROTOCOL = 52;
        internal const int SOL_RAW = 255, ICMP_FILTER = 1;

        internal struct sockaddr_in
        {
            internal ushort sin_family;
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
    }
}
