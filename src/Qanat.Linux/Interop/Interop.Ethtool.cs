// linux/ethtool.h, linux/sockios.h

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Ethtool
    {
        internal const nuint SIOCETHTOOL = 0x8946;

        internal const uint ETHTOOL_GTXCSUM = 0x16, ETHTOOL_GTSO = 0x1e, ETHTOOL_GFLAGS = 0x25, ETHTOOL_GGRO = 0x2b;

        internal const uint ETH_FLAG_LRO = 1 << 15;

        internal struct ethtool_value
        {
            internal uint cmd;
            internal uint data;
        }
    }
}
