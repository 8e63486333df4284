// sys/resource.h, asm-generic/resource.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Resource
    {
        internal const int RLIMIT_NOFILE = 7;

        [StructLayout(LayoutKind.Sequential)]
        internal struct rlimit64
        {
            internal ulong rlim_cur;
            internal ulong rlim_max;
        }

        [LibraryImport("libc")]
        internal static partial int getrlimit64(int resource, rlimit64* limit);

        [LibraryImport("libc")]
        internal static partial int setrlimit64(int resource, rlimit64* limit);
    }
}
