// sched.h

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Sched
    {
        internal const int CLONE_NEWNET = 0x40000000;

        [LibraryImport("libc")]
        internal static partial int setns(SafeFileHandle fd, int nstype);

        [LibraryImport("libc")]
        internal static partial int unshare(int flags);
    }
}
