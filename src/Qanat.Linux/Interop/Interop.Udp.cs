// linux/udp.h

namespace Qanat.Linux;

internal static partial class Interop
{
    internal static partial class Udp
    {
        internal const int IPPROTO_UDP = 17, SOL_UDP = 17;
        internal const int UDP_NO_CHECK6_TX = 101, UDP_NO_CHECK6_RX = 102, UDP_SEGMENT = 103, UDP_GRO = 104;

        /// <summary>The most datagrams of one message; later kernels take 128.</summary>
        internal const int UDP_MAX_SEGMENTS = 64;
    }
}
