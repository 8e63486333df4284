// linux/capability.h, sys/capability.h

#pragma warning disable CS0649, CS8981 // the kernel fills fields in; its type names are lower case

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Capability
    {
        internal const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;

        internal struct cap_user_header_t
        {
            internal uint version;
            internal int pid;
        }

        /// <summary>One half of the sets: capabilities 0 to 31, or 32 to 63.</summary>
        internal struct cap_user_data_t
        {
            internal uint effective;
            internal uint permitted;
            internal uint inheritable;
        }

        [LibraryImport("libc")]
        internal static partial int capget(cap_user_header_t* hdrp, cap_user_data_t* datap);
    }
}
