// linux/if.h, net/if.h, linux/if_arp.h, linux/sockios.h

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class If
    {
        /// <summary>Bytes of a device's name, the zero at its end among them.</summary>
        internal const int IFNAMSIZ = 16;

        internal const nuint SIOCSIFHWADDR = 0x8924, SIOCGIFHWADDR = 0x8927;

        [InlineArray(IFNAMSIZ)]
        internal struct ifr_name
        {
            private byte _first;
        }

        /// <summary>A device's name and one fact about it; the kernel copies all 40 bytes.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 40)]
        internal struct ifreq
        {
            [FieldOffset(0)] internal ifr_name ifr_name;
            [FieldOffset(16)] internal ushort ifr_flags;

            /// <summary>ifr_hwaddr.sa_family: the device's type, ARPHRD_*.</summary>
            [FieldOffset(16)] internal ushort ifr_hwaddr_family;

            /// <summary>ifr_hwaddr.sa_data.</summary>
            [FieldOffset(18)] internal fixed byte ifr_hwaddr_data[14];

            [FieldOffset(16)] internal void* ifr_data;
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial uint if_nametoindex(string ifname);
    }
}
